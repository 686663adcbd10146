//! The reconciler: notifications get lost. It asks the providers about what is open and what was paid lately, repairs
//! what differs, and shows what it had to repair.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    application::Provider,
    billing::{
        ledger::Action,
        order,
        payment::Mode,
        subscription::{Source, Status},
    },
    id::ApplicationId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use super::{
    agreements,
    alerts::{self, AlertKind},
    hold, payments,
    within::within,
};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    db::besides,
    entity::{memberships, orders, payments as rows, subscriptions},
    rounds::{self, Round},
};

/// How long somebody waits for what it finds.
const PATIENCE: Duration = Duration::from_secs(15);
/// Orders are asked about for so long after they have closed, and payments after they were made.
const ORDERS: TimeDelta = TimeDelta::days(7);
const PAYMENTS: TimeDelta = TimeDelta::days(60);
/// How many of a kind are read at once.
const BATCH: u64 = 50;

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

/// The applications whose providers are being asked.
#[derive(Default)]
pub(crate) struct Looks(Mutex<HashSet<ApplicationId>>);

/// One look, which nobody else begins before this is dropped.
struct Look {
    services: Services,
    application: ApplicationId,
}

impl Look {
    /// `None` while there is one already.
    fn begin(services: &Services, application: ApplicationId) -> Option<Self> {
        let mut looks = services.looks.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.insert(application).then(|| Self { services: services.clone(), application })
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.services.looks.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.application);
    }
}

#[derive(Clone)]
struct Reconciling(Services);

impl Round for Reconciling {
    type For = ApplicationId;

    const EVERY: Duration = Duration::from_secs(15 * 60);
    /// Nobody waits for it.
    const AT_ONCE: usize = 16;

    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        Ok(self.0.directory().applications.keys().copied().collect())
    }

    async fn work(&self, application: ApplicationId) -> Result<bool> {
        self.0.reconcile_one(application).await?;
        Ok(false)
    }
}

impl Services {
    /// Reconciles for as long as the server runs.
    pub async fn reconcile_forever(self) {
        rounds::forever(Reconciling(self)).await;
    }

    /// Asks the providers that an application has keys for about everything that may have changed, now. While they are
    /// being asked, nothing is found.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn reconcile(&self, ctx: &Ctx, application: ApplicationId) -> Result<Found> {
        self.require_manager(ctx, application).await?;
        Ok(self.reconcile_one(application).await?.unwrap_or_default())
    }

    /// As [`Self::reconcile`], for somebody who waits for the answer: `None` when there is so much to ask about that it
    /// goes on without them, or when it goes on already.
    ///
    /// # Errors
    /// As [`Self::reconcile`].
    pub async fn reconcile_soon(&self, ctx: &Ctx, application: ApplicationId) -> Result<Option<Found>> {
        self.require_manager(ctx, application).await?;
        let services = self.clone();
        let asking = tokio::spawn(async move { services.reconcile_one(application).await });
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(found) => found.map_err(Error::internal)?,
            Err(_) => Ok(None),
        }
    }

    /// `None` while somebody else does so.
    async fn reconcile_one(&self, application: ApplicationId) -> Result<Option<Found>> {
        let Some(_look) = Look::begin(self, application) else { return Ok(None) };
        let directory = self.directory();
        let Some(entry) = directory.application(application) else { return Ok(Some(Found::default())) };
        self.wake(application).await?;
        let mut found = Found::default();
        // Of one that collects no more news gets lost too. What was begun in test buys nothing where money is real.
        for provider in [Provider::Sandbox, Provider::Stripe, Provider::Midtrans] {
            if entry.mode_at(provider).is_some_and(|mode| entry.honours(mode)) {
                self.ask_orders(&mut found, application, provider).await?;
                self.ask_payments(&mut found, application, provider).await?;
                self.ask_agreements(&mut found, application, provider).await?;
            }
        }
        Ok(Some(found))
    }

    /// Nothing is ever due of what was bought for good. The engine looks at what test money paid all the same where real
    /// money is collected.
    async fn wake(&self, application: ApplicationId) -> Result<()> {
        use subscriptions::Column;
        let account = self.directory().application(application).and_then(|entry| entry.account());
        if account.is_none_or(|own| own.mode == Mode::Test) {
            return Ok(());
        }
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let members = memberships::Entity::find()
                    .select_only()
                    .column(memberships::Column::Id)
                    .filter(memberships::Column::ApplicationId.eq(application.get()));
                subscriptions::Entity::update_many()
                    .col_expr(Column::DueAt, Expr::value(tx.millis()))
                    .filter(Column::MembershipId.in_subquery(members.into_query()))
                    .filter(Column::Source.eq(Source::Provider.as_str()))
                    .filter(Column::Status.eq(Status::Active.as_str()))
                    .filter(Column::Mode.eq(Mode::Test.as_str()))
                    .filter(Column::PeriodEndAt.is_null())
                    .filter(Column::DueAt.is_null())
                    .exec(tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    async fn ask_orders(&self, found: &mut Found, application: ApplicationId, provider: Provider) -> Result<()> {
        let mut before = Uuid::max();
        loop {
            let orders = self.open_orders(application, provider, before).await?;
            let Some(last) = orders.last().map(|order| order.id) else { return Ok(()) };
            before = last;
            for order in orders {
                self.compare(found, order.membership_id, order.id, self.orders().refresh(order.id.into())).await?;
            }
        }
    }

    async fn ask_payments(&self, found: &mut Found, application: ApplicationId, provider: Provider) -> Result<()> {
        let mut before = Uuid::max();
        loop {
            let payments = self.late_payments(application, provider, before).await?;
            let Some(last) = payments.last().map(|payment| payment.id) else { return Ok(()) };
            before = last;
            for payment in payments {
                let (member, subject) = (payment.membership_id, payment.order_id.unwrap_or(payment.id));
                self.compare(found, member, subject, payments::ask(self, payment)).await?;
            }
        }
    }

    async fn ask_agreements(&self, found: &mut Found, application: ApplicationId, provider: Provider) -> Result<()> {
        let mut before = Uuid::max();
        loop {
            let held = self.agreements(application, provider, before).await?;
            let Some(last) = held.last().map(|row| row.id) else { return Ok(()) };
            before = last;
            for row in held {
                let Some(reference) = row.reference else { continue };
                let asking = agreements::sync(self, application, provider, &reference);
                self.compare(found, row.membership_id, row.id, asking).await?;
            }
        }
    }

    /// Asks, and holds what is known afterwards against what was known before.
    async fn compare(
        &self,
        found: &mut Found,
        member: Uuid,
        subject: Uuid,
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
    async fn standing(&self, member: Uuid) -> Result<String> {
        let db = self.db.read();
        let held = subscriptions::Entity::find()
            .filter(subscriptions::Column::MembershipId.eq(member))
            .order_by_desc(subscriptions::Column::Id)
            .one(db)
            .await?;
        let held = held.map(|row| {
            let until = row.period_end_at.map(|end| format!(" until {}", at(end).to_rfc3339()));
            format!("{}{}", row.status, until.unwrap_or_default())
        });
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

    async fn open_orders(
        &self,
        application: ApplicationId,
        provider: Provider,
        before: Uuid,
    ) -> Result<Vec<orders::Model>> {
        use orders::Column;
        let since = (self.billing_now(application) - ORDERS).timestamp_millis();
        let query = orders::Entity::find()
            .filter(Column::ApplicationId.eq(application.get()))
            .filter(Column::Provider.eq(provider.as_str()))
            .filter(Column::Status.ne(order::Status::Paid.as_str()))
            .filter(Column::Reference.is_not_null())
            .filter(Column::ExpiresAt.gte(since))
            .filter(Column::Id.lt(before))
            .order_by_desc(Column::Id)
            .limit(BATCH);
        Ok(query.all(self.db.read()).await?)
    }

    async fn late_payments(
        &self,
        application: ApplicationId,
        provider: Provider,
        before: Uuid,
    ) -> Result<Vec<rows::Model>> {
        use rows::Column;
        let since = (self.billing_now(application) - PAYMENTS).timestamp_millis();
        let query = rows::Entity::find()
            .filter(Column::ApplicationId.eq(application.get()))
            .filter(Column::Provider.eq(provider.as_str()))
            .filter(Column::CreatedAt.gte(since))
            .filter(Column::Id.lt(before))
            .order_by_desc(Column::Id)
            .limit(BATCH);
        Ok(query.all(self.db.read()).await?)
    }

    async fn agreements(
        &self,
        application: ApplicationId,
        provider: Provider,
        before: Uuid,
    ) -> Result<Vec<subscriptions::Model>> {
        use subscriptions::Column;
        let own = within(self, application).await?;
        let query = subscriptions::Entity::find()
            .filter(own)
            .filter(besides(Column::Provider, [provider.as_str()]))
            .filter(Column::Reference.is_not_null())
            .filter(subscriptions::open(subscriptions::Entity))
            .filter(Column::Id.lt(before))
            .order_by_desc(Column::Id)
            .limit(BATCH);
        Ok(query.all(self.db.read()).await?)
    }
}
