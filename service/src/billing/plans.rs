//! Plans of an application. Changes of one application's plans happen one after the other: each locks the
//! application first, so that there is one default plan and no key twice.

use std::collections::HashMap;

use domain::{
    ErrorCode, Flaw, Problem,
    billing::{
        ledger::Action,
        plan::{NewPlan, Plan, PlanKey, PlanPatch},
        subscription::Status,
    },
    id::{ApplicationId, PlanId},
    text::slugify,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{hold, prices};
use crate::{
    Ctx, Error, Result, Services,
    application::applications,
    db::json,
    directory,
    entity::{plans, subscriptions},
    ledger::Entry,
    payment::counterparts,
    tx::{LOCK, Tx, taken},
};

/// A plan with the number of its live subscriptions.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSummary {
    pub plan: Plan,
    pub active_subscribers: u64,
}

/// See the module.
pub struct Plans<'a>(pub(super) &'a Services);

impl Services {
    pub const fn plans(&self) -> Plans<'_> {
        Plans(self)
    }
}

impl Plans<'_> {
    /// Every plan, archived ones too, in the order of pages.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<PlanSummary>> {
        let entry = self.0.require_manager(ctx, application).await?;
        let ids = entry.plans.iter().map(|plan| plan.id.get());
        let mut counts = self.live_subscribers(application, ids).await?;
        let summary = |plan: &std::sync::Arc<Plan>| PlanSummary {
            plan: Plan::clone(plan),
            active_subscribers: counts.remove(&plan.id).unwrap_or_default(),
        };
        Ok(entry.plans.iter().map(summary).collect())
    }

    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_001` when the application has no such plan.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: PlanId) -> Result<PlanSummary> {
        let entry = self.0.require_manager(ctx, application).await?;
        let plan = Plan::clone(entry.plan(id).ok_or(ErrorCode::PlanNotFound)?);
        let active_subscribers = self.live_subscribers(application, [id.get()]).await?.remove(&id).unwrap_or_default();
        Ok(PlanSummary { plan, active_subscribers })
    }

    async fn live_subscribers(
        &self,
        application: ApplicationId,
        plans: impl IntoIterator<Item = uuid::Uuid>,
    ) -> Result<HashMap<PlanId, u64>> {
        #[derive(FromQueryResult)]
        struct Count {
            plan_id: uuid::Uuid,
            count: i64,
        }
        let counts = subscriptions::Entity::find()
            .select_only()
            .column(subscriptions::Column::PlanId)
            .column_as(subscriptions::Column::Id.count(), "count")
            .filter(subscriptions::Column::PlanId.is_in(plans))
            .filter(live(self.0.billing_now(application).timestamp_millis()))
            .group_by(subscriptions::Column::PlanId)
            .into_model::<Count>()
            .all(self.0.db.read())
            .await?;
        Ok(counts.into_iter().map(|row| (row.plan_id.into(), row.count.unsigned_abs())).collect())
    }

    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_005` when the key or the name is taken; `APP_001` for a price with the
    /// link of another one.
    pub async fn create(&self, ctx: &Ctx, application: ApplicationId, new: NewPlan) -> Result<Plan> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    let plan = insert(&tx, application, new, false).await?;
                    for price in &plan.prices {
                        prices::check_link(&tx, application, price.stripe_price_id.as_deref()).await?;
                    }
                    Ok(plan)
                })
            })
            .await
    }

    /// Changes what the patch names; the same again changes nothing. Members see it in their next token.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `SUB_001`; `SUB_005` when the name is taken; `APP_001` when an archived
    /// plan would become the default.
    pub async fn update(&self, ctx: &Ctx, application: ApplicationId, id: PlanId, patch: PlanPatch) -> Result<Plan> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    update(&tx, application, id, patch).await
                })
            })
            .await
    }

    /// Deletes a plan that nobody holds. A tombstone stays for history; key and name are free again.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `SUB_001`; `SUB_003` with `activeSubscribers` while it is held.
    pub async fn delete(&self, ctx: &Ctx, application: ApplicationId, id: PlanId) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    delete(&tx, application, id).await
                })
            })
            .await
    }

    /// Puts the plans into this order; plans that are not named follow behind.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_001` for a plan of another application.
    pub async fn reorder(&self, ctx: &Ctx, application: ApplicationId, order: Vec<PlanId>) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    let mut all: Vec<PlanId> = rows(&tx, application).await?.iter().map(|row| row.id.into()).collect();
                    if order.iter().any(|id| !all.contains(id)) {
                        return Err(ErrorCode::PlanNotFound.into());
                    }
                    all.sort_by_key(|id| order.iter().position(|named| named == id).unwrap_or(usize::MAX));
                    for (position, id) in (0..).zip(all) {
                        let patch = PlanPatch { position: Some(position), ..PlanPatch::default() };
                        update(&tx, application, id, patch).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Live by status and by date, at `now` in milliseconds.
fn live(now: i64) -> Condition {
    use subscriptions::Column;
    let open = |column: Column| Condition::any().add(column.is_null()).add(column.gt(now));
    let timed = [Status::Trialing.as_str(), Status::PastDue.as_str()];
    Condition::all()
        .add(subscriptions::open(subscriptions::Entity))
        .add(open(Column::ExpiresAt))
        .add(open(Column::CancelAt))
        .add(
            Condition::any()
                .add(Column::Status.is_not_in(timed))
                .add(open(Column::StatusUntilAt))
                // A trial that something follows does not end.
                .add(
                    Condition::all()
                        .add(Column::Status.eq(Status::Trialing.as_str()))
                        .add(Column::ScheduledAt.is_not_null()),
                ),
        )
}

async fn rows(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<plans::Model>> {
    Ok(plans::Entity::find()
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::DeletedAt.is_null())
        .order_by_asc(plans::Column::Position)
        .order_by_asc(plans::Column::Id)
        .all(tx.db)
        .await?)
}

pub(super) async fn find(tx: &Tx<'_>, application: ApplicationId, id: PlanId) -> Result<Plan> {
    let row = plans::Entity::find_by_id(id.get())
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::DeletedAt.is_null())
        .lock(LOCK)
        .one(tx.db)
        .await?
        .ok_or(ErrorCode::PlanNotFound)?;
    let prices = prices::of(tx.db, id).await?;
    directory::plan(row, prices)
}

fn key_or_name_taken() -> Problem {
    Problem::new(ErrorCode::PlanTaken, "another plan of this application has this key or name")
}

/// Makes a plan; the application is locked.
pub(crate) async fn insert(tx: &Tx<'_>, application: ApplicationId, new: NewPlan, from_catalog: bool) -> Result<Plan> {
    let others = rows(tx, application).await?;
    let key = match new.key {
        Some(key) => key,
        None => free_key(new.name.as_str(), &others)?,
    };
    if others.iter().any(|row| row.key == key.as_str() || row.name == new.name.as_str()) {
        return Err(key_or_name_taken().into());
    }
    if new.is_default {
        demote_default(tx, application).await?;
    }
    let position = new.position.unwrap_or_else(|| others.iter().map(|row| row.position + 1).max().unwrap_or(0));
    let id: PlanId = tx.id();
    let row = plans::ActiveModel {
        id: Set(id.get()),
        application_id: Set(application.get()),
        key: Set(key.to_string()),
        name: Set(new.name.to_string()),
        description: Set(new.description.to_string()),
        features: Set(json(&new.features)?),
        is_default: Set(new.is_default),
        is_listed: Set(new.is_listed),
        position: Set(position),
        stripe_product_id: Set(new.stripe_product_id),
        version: Set(1),
        from_catalog: Set(from_catalog),
        archived_at: Set(None),
        deleted_at: Set(None),
        created_at: Set(tx.millis()),
    };
    plans::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|e| taken(e, key_or_name_taken()))?;
    for price in new.prices {
        prices::insert(tx, application, id, price, from_catalog).await?;
    }
    let plan = find(tx, application, id).await?;
    tx.log(Entry::new(Action::PlanCreated).application(application).to(&plan)).await?;
    Ok(plan)
}

fn free_key(name: &str, others: &[plans::Model]) -> Result<PlanKey> {
    let base = match slugify(name) {
        key if key.is_empty() => "plan".to_owned(),
        key => key.chars().take(60).collect(),
    };
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    let free = std::iter::once(base.clone()).chain(numbered).find(|key| others.iter().all(|row| row.key != *key));
    PlanKey::parse(&free.unwrap_or(base)).map_err(Error::internal)
}

async fn demote_default(tx: &Tx<'_>, application: ApplicationId) -> Result<()> {
    let default = plans::Entity::find()
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::IsDefault.eq(true))
        .one(tx.db)
        .await?;
    let Some(default) = default else { return Ok(()) };
    let before = find(tx, application, default.id.into()).await?;
    plans::Entity::update_many()
        .col_expr(plans::Column::IsDefault, Expr::value(false))
        .filter(plans::Column::Id.eq(default.id))
        .exec(tx.db)
        .await?;
    let after = Plan { is_default: false, ..before.clone() };
    tx.log(Entry::new(Action::PlanUpdated).application(application).from(before).to(after)).await?;
    Ok(())
}

/// Changes a plan; the application is locked.
pub(crate) async fn update(tx: &Tx<'_>, application: ApplicationId, id: PlanId, patch: PlanPatch) -> Result<Plan> {
    let before = find(tx, application, id).await?;
    if let Some(price) = patch.shown_price {
        prices::replace_shown(tx, &before, price).await?;
    }
    let archived_at = match patch.archived {
        Some(true) => before.archived_at.or(Some(tx.now)),
        Some(false) => None,
        None => before.archived_at,
    };
    let mut after = Plan {
        name: patch.name.unwrap_or_else(|| before.name.clone()),
        description: patch.description.unwrap_or_else(|| before.description.clone()),
        features: patch.features.unwrap_or_else(|| before.features.clone()),
        is_default: patch.is_default.unwrap_or(before.is_default),
        is_listed: patch.is_listed.unwrap_or(before.is_listed),
        position: patch.position.unwrap_or(before.position),
        stripe_product_id: patch.stripe_product_id.unwrap_or_else(|| before.stripe_product_id.clone()),
        archived_at,
        prices: prices::of(tx.db, id).await?,
        ..before.clone()
    };
    if patch.archived == Some(true) {
        after.is_default = false;
    }
    if after.is_default && after.archived_at.is_some() {
        return Err(Problem::field("isDefault", Flaw::ArchivedDefault).into());
    }
    if after == before {
        return Ok(before);
    }
    if after.is_default && !before.is_default {
        demote_default(tx, application).await?;
    }
    after.version += 1;
    plans::Entity::update_many()
        .col_expr(plans::Column::Name, Expr::value(after.name.to_string()))
        .col_expr(plans::Column::Description, Expr::value(after.description.to_string()))
        .col_expr(plans::Column::Features, Expr::value(json(&after.features)?))
        .col_expr(plans::Column::IsDefault, Expr::value(after.is_default))
        .col_expr(plans::Column::IsListed, Expr::value(after.is_listed))
        .col_expr(plans::Column::Position, Expr::value(after.position))
        .col_expr(plans::Column::StripeProductId, Expr::value(after.stripe_product_id.clone()))
        .col_expr(plans::Column::ArchivedAt, Expr::value(after.archived_at.map(|at| at.timestamp_millis())))
        .col_expr(plans::Column::Version, Expr::value(after.version))
        .filter(plans::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await
        .map_err(|e| taken(e, key_or_name_taken()))?;
    let shown = |plan: &Plan| (plan.name.clone(), plan.description.clone(), plan.archived_at.is_some());
    if shown(&after) != shown(&before) {
        counterparts::outdate(tx, application, id.get(), tx.now).await?;
    }
    tx.log(Entry::new(Action::PlanUpdated).application(application).from(&before).to(&after)).await?;
    Ok(after)
}

/// Deletes a plan; the application is locked. Subscriptions that time has ended are settled first; then the plan's
/// row is locked, which assignments share, so that none can slip in.
async fn delete(tx: &Tx<'_>, application: ApplicationId, id: PlanId) -> Result<()> {
    hold::settle_plan(tx, application, id).await?;
    let plan = find(tx, application, id).await?;
    let subscribers = subscriptions::Entity::find()
        .filter(
            Condition::any()
                .add(subscriptions::Column::PlanId.eq(id.get()))
                .add(subscriptions::Column::ScheduledPlanId.eq(id.get())),
        )
        .filter(live(tx.services.billing_now(application).timestamp_millis()))
        .count(tx.db)
        .await?;
    if subscribers > 0 {
        let plural = if subscribers == 1 { "subscription" } else { "subscriptions" };
        let problem = Problem::new(ErrorCode::PlanInUse, format!("the plan has {subscribers} live {plural}"));
        return Err(problem.with_fact("activeSubscribers", i64::try_from(subscribers).unwrap_or(i64::MAX)).into());
    }
    plans::Entity::update_many()
        .col_expr(plans::Column::DeletedAt, Expr::value(tx.millis()))
        .col_expr(plans::Column::IsDefault, Expr::value(false))
        .filter(plans::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await?;
    counterparts::outdate(tx, application, id.get(), tx.now).await?;
    tx.log(Entry::new(Action::PlanDeleted).application(application).from(plan)).await?;
    Ok(())
}
