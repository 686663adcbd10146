//! The reconciler: notifications get lost. It asks the providers about what is open and what was paid lately, repairs
//! what differs, and shows what it had to repair.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{application::Provider, billing::ledger::Action, id::ApplicationId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    agreements,
    alerts::{self, AlertKind},
    hold, payments,
};
use crate::{
    Ctx, Result, Services,
    entity::{orders, payments as rows, subscriptions},
};

/// How often the server looks by itself.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// Orders are asked about for so long after they have closed, and payments after they were made.
const ORDERS: TimeDelta = TimeDelta::days(7);
const PAYMENTS: TimeDelta = TimeDelta::days(60);
/// How many of a kind one look takes.
const BATCH: u64 = 500;

/// What one look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How much it asked about.
    pub asked: usize,
    /// How much differed, and is right now.
    pub repaired: usize,
    /// How much could not be asked about.
    pub failed: usize,
}

impl Services {
    /// Reconciles for as long as the server runs.
    pub async fn reconcile_forever(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let directory = self.directory();
            for id in directory.applications.keys() {
                if let Err(error) = self.reconcile_one(*id).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(application = %id, error, "the provider could not be asked");
                }
            }
        }
    }

    /// Asks an application's provider about everything that may have changed, now.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn reconcile(&self, ctx: &Ctx, application: ApplicationId) -> Result<Found> {
        self.require_manager(ctx, application).await?;
        self.reconcile_one(application).await
    }

    async fn reconcile_one(&self, application: ApplicationId) -> Result<Found> {
        let provider = self.directory().application(application).map(|entry| entry.application.settings.provider);
        let Some(provider) = provider.filter(|provider| self.provider(application, *provider).is_ok()) else {
            return Ok(Found::default());
        };
        let mut found = Found::default();
        for order in self.open_orders(application, provider).await? {
            self.compare(&mut found, order.membership_id, order.id, self.orders().refresh(order.id.into())).await?;
        }
        for payment in self.late_payments(application, provider).await? {
            let (member, subject) = (payment.membership_id, payment.order_id.unwrap_or(payment.id));
            self.compare(&mut found, member, subject, payments::ask(self, payment)).await?;
        }
        for (member, id, reference) in self.agreements(application, provider).await? {
            let asking = agreements::sync(self, application, provider, &reference);
            self.compare(&mut found, member, id, asking).await?;
        }
        Ok(found)
    }

    /// Asks, and holds what is known afterwards against what was known before.
    async fn compare(
        &self,
        found: &mut Found,
        member: uuid::Uuid,
        subject: uuid::Uuid,
        asking: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        let before = self.standing(member).await?;
        found.asked += 1;
        if let Err(error) = asking.await {
            found.failed += 1;
            tracing::warn!(%subject, error = &error as &dyn std::error::Error, "the provider could not be asked");
            return Ok(());
        }
        let after = self.standing(member).await?;
        if before == after {
            return Ok(());
        }
        found.repaired += 1;
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let hold = hold::lock(&tx, member.into()).await?;
                alerts::raise_repaired(&tx, &hold, AlertKind::Drift, subject, format!("{before} \u{2192} {after}"))
                    .await?;
                hold.log(&tx, hold.entry(Action::DriftRepaired).from(&before).to(&after)).await
            })
        })
        .await
    }

    /// What is known of a member's money, as text to compare.
    async fn standing(&self, member: uuid::Uuid) -> Result<String> {
        let db = self.db.read();
        let held = subscriptions::Entity::find()
            .filter(subscriptions::Column::MembershipId.eq(member))
            .order_by_desc(subscriptions::Column::Id)
            .one(db)
            .await?;
        let held = held.map(|row| format!("{} {}", row.status, row.period_end_at.unwrap_or_default()));
        let payments = rows::Entity::find()
            .select_only()
            .column(rows::Column::Status)
            .filter(rows::Column::MembershipId.eq(member))
            .order_by_asc(rows::Column::Id)
            .into_tuple::<String>()
            .all(db)
            .await?;
        Ok(format!("{}; {}", held.unwrap_or_default(), payments.join(", ")))
    }

    async fn open_orders(&self, application: ApplicationId, provider: Provider) -> Result<Vec<orders::Model>> {
        use orders::Column;
        let since = (self.billing_now(application) - ORDERS).timestamp_millis();
        let query = orders::Entity::find()
            .filter(Column::ApplicationId.eq(application.get()))
            .filter(Column::Provider.eq(provider.as_str()))
            .filter(Column::Status.ne("paid"))
            .filter(Column::Reference.is_not_null())
            .filter(Column::ExpiresAt.gte(since))
            .order_by_desc(Column::Id)
            .limit(BATCH);
        Ok(query.all(self.db.read()).await?)
    }

    async fn late_payments(&self, application: ApplicationId, provider: Provider) -> Result<Vec<rows::Model>> {
        use rows::Column;
        let since = (self.billing_now(application) - PAYMENTS).timestamp_millis();
        let query = rows::Entity::find()
            .filter(Column::ApplicationId.eq(application.get()))
            .filter(Column::Provider.eq(provider.as_str()))
            .filter(Column::CreatedAt.gte(since))
            .order_by_desc(Column::Id)
            .limit(BATCH);
        Ok(query.all(self.db.read()).await?)
    }

    async fn agreements(
        &self,
        application: ApplicationId,
        provider: Provider,
    ) -> Result<Vec<(uuid::Uuid, uuid::Uuid, String)>> {
        use subscriptions::Column;
        let rows = subscriptions::Entity::find()
            .find_also_related(crate::entity::memberships::Entity)
            .filter(crate::entity::memberships::Column::ApplicationId.eq(application.get()))
            .filter(Column::Provider.eq(provider.as_str()))
            .filter(Column::Reference.is_not_null())
            .filter(Column::Status.is_not_in(["canceled", "expired"]))
            .limit(BATCH)
            .all(self.db.read())
            .await?;
        Ok(rows.into_iter().filter_map(|(row, _)| Some((row.membership_id, row.id, row.reference?))).collect())
    }
}
