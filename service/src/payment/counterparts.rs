//! Products, prices and customers that were made at a provider for plans, prices and members of ours. That one of these
//! has changed is written down in the transaction that changes it, and told to the provider afterwards, until the
//! provider has it. What an admin has linked is never told anything.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{payment::Mode, plan::PlanName},
    id::{ApplicationId, UserId},
    text::Description,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoCondition},
};
use uuid::Uuid;

use crate::{
    Ctx, Result, Services, directory,
    entity::{memberships, plans, prices, provider_objects, users},
    rounds::{self, Round},
    tx::Tx,
};

/// How many of an application one look takes.
const BATCH: u64 = 50;
/// The longest wait between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What stands at a provider for a plan, a price or a member.
#[derive(Clone, Debug)]
pub enum Counterpart {
    Plan {
        name: PlanName,
        description: Description,
        /// Neither archived nor deleted.
        is_sold: bool,
    },
    Price {
        /// Neither archived nor deleted.
        is_sold: bool,
    },
    /// Whom bills are written to.
    Customer { email: String, name: Option<String> },
}

/// Has what was made for a plan or a price, if anything was, told at `at` what has become of it.
pub(crate) async fn outdate(tx: &Tx<'_>, application: ApplicationId, local: Uuid, at: Timestamp) -> Result<()> {
    use provider_objects::Column;
    let own = Column::ApplicationId.eq(application.get()).and(Column::LocalId.eq(local));
    outdate_all(tx, own.into_condition(), at).await
}

/// Has the customers that a user is in all applications told who they are now.
pub(crate) async fn outdate_customers(tx: &Tx<'_>, user: UserId) -> Result<()> {
    let own = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::Id)
        .filter(memberships::Column::UserId.eq(user.get()))
        .into_query();
    outdate_all(tx, provider_objects::Column::LocalId.in_subquery(own).into_condition(), tx.now).await
}

async fn outdate_all(tx: &Tx<'_>, these: Condition, at: Timestamp) -> Result<()> {
    use provider_objects::Column;
    provider_objects::Entity::update_many()
        .col_expr(Column::Changes, Expr::col(Column::Changes).add(1))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(at.timestamp_millis()))
        .filter(Column::Provider.eq(Provider::Stripe.as_str()))
        .filter(Column::Mode.is_in([Mode::Live.as_str(), Mode::Test.as_str()]))
        .filter(these)
        .exec(tx.db)
        .await?;
    Ok(())
}

#[derive(Clone)]
struct Telling(Services);

impl Round for Telling {
    type For = ApplicationId;

    const EVERY: Duration = Duration::from_secs(1);

    async fn waiting(&self) -> Result<BTreeSet<ApplicationId>> {
        use provider_objects::{Column, Entity};
        rounds::due::<Entity, _>(&self.0, Column::ApplicationId, Column::NextAt).await
    }

    async fn work(&self, application: ApplicationId) -> Result<bool> {
        Ok(self.0.tell_counterparts_of(application).await? == BATCH as usize)
    }
}

impl Services {
    /// As [`outdate`], in a transaction of its own.
    pub(crate) async fn outdate_counterpart(
        &self,
        application: ApplicationId,
        local: Uuid,
        at: Timestamp,
    ) -> Result<()> {
        self.transact(&Ctx::system(), move |tx| Box::pin(async move { outdate(&tx, application, local, at).await }))
            .await
    }

    /// Tells providers what has become of plans, prices and members, for as long as the server runs.
    pub async fn tell_counterparts_forever(self) {
        rounds::forever(Telling(self)).await;
    }

    /// Tells providers what has become of plans, prices and members since they heard of them. Returns how many were told.
    ///
    /// # Errors
    /// The database's own. What goes wrong at a provider is noted, and tried again.
    pub async fn tell_counterparts(&self) -> Result<usize> {
        let mut told = 0;
        for application in Telling(self.clone()).waiting().await? {
            told += self.tell_counterparts_of(application).await?;
        }
        Ok(told)
    }

    /// As [`Self::tell_counterparts`], for one application.
    async fn tell_counterparts_of(&self, application: ApplicationId) -> Result<usize> {
        let waiting = provider_objects::Entity::find()
            .filter(provider_objects::Column::ApplicationId.eq(application.get()))
            .filter(provider_objects::Column::NextAt.lte(self.now().timestamp_millis()))
            .order_by_asc(provider_objects::Column::NextAt)
            .limit(BATCH)
            .all(self.db.read())
            .await?;
        let told = waiting.len();
        for row in waiting {
            let outcome = self.tell_counterpart(&row).await;
            self.note_counterpart(row, outcome).await?;
        }
        Ok(told)
    }

    async fn tell_counterpart(&self, row: &provider_objects::Model) -> Result<()> {
        let Some(counterpart) = self.counterpart(row).await? else { return Ok(()) };
        let provider = self.provider(row.application_id.into(), Provider::parse(&row.provider)?)?;
        if provider.mode().as_str() != row.mode {
            return Err(ErrorCode::ProviderNotConfigured.into());
        }
        provider.show(&row.reference, &counterpart).await
    }

    /// What it is now; `None` where an admin has linked it, for this plan or price or for another.
    async fn counterpart(&self, row: &provider_objects::Model) -> Result<Option<Counterpart>> {
        let db = self.db.read();
        let member = memberships::Entity::find_by_id(row.local_id).find_also_related(users::Entity).one(db).await?;
        if let Some((_, Some(user))) = member {
            return Ok(Some(Counterpart::Customer { email: user.email, name: user.name }));
        }
        let Some(plan) = plans::Entity::find_by_id(row.local_id).one(db).await? else {
            let linked = prices::Column::StripePriceId.eq(row.reference.as_str());
            if prices::Entity::find().filter(linked).count(db).await? > 0 {
                return Ok(None);
            }
            let price = prices::Entity::find_by_id(row.local_id).one(db).await?;
            return Ok(Some(Counterpart::Price { is_sold: price.is_some_and(|price| price.archived_at.is_none()) }));
        };
        let linked = plans::Column::StripeProductId.eq(row.reference.as_str());
        if plans::Entity::find().filter(linked).count(db).await? > 0 {
            return Ok(None);
        }
        let is_sold = plan.archived_at.is_none() && plan.deleted_at.is_none();
        let plan = directory::plan(plan, Vec::new())?;
        Ok(Some(Counterpart::Plan { name: plan.name, description: plan.description, is_sold }))
    }

    /// Notes the outcome, unless it has changed again by now. An account that is not there is waited for.
    async fn note_counterpart(&self, row: provider_objects::Model, outcome: Result<()>) -> Result<()> {
        use provider_objects::Column;
        let attempts = row.attempts.saturating_add(1);
        let next_at = match outcome {
            Ok(()) => None,
            Err(error) if error.code() == ErrorCode::ProviderNotConfigured => Some(self.now() + LONGEST),
            Err(error) => {
                tracing::warn!(
                    object = row.reference,
                    error = &error as &dyn std::error::Error,
                    "a provider could not be told what has changed"
                );
                Some(self.now() + Ord::min(TimeDelta::seconds(5 << Ord::min(attempts, 10)), LONGEST))
            }
        };
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                provider_objects::Entity::update_many()
                    .col_expr(Column::NextAt, Expr::value(next_at.map(|at| at.timestamp_millis())))
                    .col_expr(Column::Attempts, Expr::value(attempts))
                    .filter(Column::ApplicationId.eq(row.application_id))
                    .filter(Column::Provider.eq(row.provider))
                    .filter(Column::Mode.eq(row.mode))
                    .filter(Column::LocalId.eq(row.local_id))
                    .filter(Column::Changes.eq(row.changes))
                    .exec(tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
