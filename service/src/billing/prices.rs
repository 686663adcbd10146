//! Prices of a plan. A price that somebody pays, or has ordered, is archived, never deleted.

use domain::{
    ErrorCode, Flaw, Problem,
    application::Application,
    billing::{
        ledger::Action,
        plan::Plan,
        price::{NewPrice, Price},
    },
    id::{ApplicationId, PlanId, PriceId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::plans::{Plans, find};
use crate::{
    Ctx, Result,
    application::applications,
    directory,
    entity::{orders, plans, prices, subscriptions},
    ledger::Entry,
    payment::{self, counterparts},
    tx::Tx,
};

impl Plans<'_> {
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_001` when the application has no such plan; `APP_001` for the link of
    /// another price, and for what the application's provider does not take.
    pub async fn add_price(&self, ctx: &Ctx, application: ApplicationId, plan: PlanId, new: NewPrice) -> Result<Price> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    let before = find(&tx, application, plan).await?;
                    let price = insert(&tx, application, plan, new, false).await?;
                    check_link(&tx, application, price.stripe_price_id.as_deref()).await?;
                    changed(&tx, before).await?;
                    Ok(price)
                })
            })
            .await
    }

    /// Takes a price away; one that was ordered, or that a subscription has used, is archived: running subscriptions
    /// keep it, and orders can be paid.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_001` when the plan has no such price.
    pub async fn remove_price(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        plan: PlanId,
        price: PriceId,
    ) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    applications::lock(&tx, application).await?;
                    let before = find(&tx, application, plan).await?;
                    let price = before.prices.iter().find(|own| own.id == price).cloned();
                    remove(&tx, application, price.ok_or(ErrorCode::PlanNotFound)?).await?;
                    changed(&tx, before).await
                })
            })
            .await
    }
}

/// A plan's prices, oldest first.
pub(crate) async fn of(db: &impl ConnectionTrait, plan: PlanId) -> Result<Vec<Price>> {
    let rows = prices::Entity::find()
        .filter(prices::Column::PlanId.eq(plan.get()))
        .order_by_asc(prices::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(directory::price).collect()
}

/// Lets the number of a plan grow whose prices have changed.
pub(crate) async fn changed(tx: &Tx<'_>, before: Plan) -> Result<()> {
    plans::Entity::update_many()
        .col_expr(plans::Column::Version, Expr::col(plans::Column::Version).add(1))
        .filter(plans::Column::Id.eq(before.id.get()))
        .exec(tx.db)
        .await?;
    let after = find(tx, before.application_id, before.id).await?;
    tx.log(Entry::new(Action::PlanUpdated).application(after.application_id).from(before).to(&after)).await?;
    Ok(())
}

/// Makes a price; the application is locked.
///
/// # Errors
/// `APP_001` for what the application's provider does not take.
pub(crate) async fn insert(
    tx: &Tx<'_>,
    application: ApplicationId,
    plan: PlanId,
    new: NewPrice,
    from_catalog: bool,
) -> Result<Price> {
    payment::takes(applications::lock(tx, application).await?.settings.provider, new.money)?;
    let price = Price {
        id: tx.id(),
        plan_id: plan,
        name: new.name,
        money: new.money,
        interval: new.interval,
        trial_days: new.trial_days,
        stripe_price_id: new.stripe_price_id,
        archived_at: None,
        created_at: tx.now,
    };
    let row = prices::ActiveModel {
        id: Set(price.id.get()),
        plan_id: Set(plan.get()),
        name: Set(price.name.to_string()),
        amount: Set(price.money.amount()),
        currency: Set(price.money.currency().code().into()),
        billing_interval: Set(price.interval.as_str().into()),
        trial_days: Set(price.trial_days.map(i32::from)),
        stripe_price_id: Set(price.stripe_price_id.clone()),
        from_catalog: Set(from_catalog),
        archived_at: Set(None),
        created_at: Set(tx.millis()),
    };
    prices::Entity::insert(row).exec_without_returning(tx.db).await?;
    tx.log(Entry::new(Action::PriceCreated).application(application).to(&price)).await?;
    Ok(price)
}

/// Checks, after a price was linked, that no two on offer have the same price at Stripe: whoever buys the one would be
/// taken for a buyer of the other. Prices that are archived and plans that are deleted keep no link.
///
/// # Errors
/// `APP_001` on the field `stripePriceId`.
pub(crate) async fn check_link(tx: &Tx<'_>, application: ApplicationId, link: Option<&str>) -> Result<()> {
    let Some(link) = link else { return Ok(()) };
    let linked = current(application).filter(prices::Column::StripePriceId.eq(link)).count(tx.db).await?;
    if linked > 1 {
        return Err(Problem::field("stripePriceId", "is linked to another price of this application").into());
    }
    Ok(())
}

/// Checks that the application's provider takes what every price asks for that can be chosen.
///
/// # Errors
/// `APP_001` on the field `paymentProvider`, with the price's name.
pub(crate) async fn check_taken(tx: &Tx<'_>, application: &Application) -> Result<()> {
    for row in current(application.id).all(tx.db).await? {
        let price = directory::price(row)?;
        payment::takes(application.settings.provider, price.money)
            .map_err(|problem| Problem::field("paymentProvider", Flaw::from(problem).of(price.name.as_str())))?;
    }
    Ok(())
}

/// The prices of an application that are not archived.
fn current(application: ApplicationId) -> Select<prices::Entity> {
    let own = plans::Entity::find()
        .select_only()
        .column(plans::Column::Id)
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::DeletedAt.is_null());
    prices::Entity::find()
        .filter(prices::Column::ArchivedAt.is_null())
        .filter(prices::Column::PlanId.in_subquery(sea_orm::QueryTrait::into_query(own)))
}

/// Deletes a price that was never used, archives any other. Archiving again changes nothing.
pub(crate) async fn remove(tx: &Tx<'_>, application: ApplicationId, price: Price) -> Result<()> {
    if !is_used(tx, &price).await? {
        prices::Entity::delete_by_id(price.id.get()).exec(tx.db).await?;
        counterparts::outdate(tx, application, price.id.get(), tx.now).await?;
    } else if price.archived_at.is_none() {
        archive(tx, application, price.id).await?;
    } else {
        return Ok(());
    }
    tx.log(Entry::new(Action::PriceDeleted).application(application).from(price)).await?;
    Ok(())
}

/// Whether a subscription has it or is to have it, or an order was placed for it: that may be paid, even late.
async fn is_used(tx: &Tx<'_>, price: &Price) -> Result<bool> {
    use subscriptions::Column;
    let own = Condition::any().add(Column::PriceId.eq(price.id.get())).add(Column::ScheduledPriceId.eq(price.id.get()));
    if subscriptions::Entity::find().filter(own).count(tx.db).await? > 0 {
        return Ok(true);
    }
    let ordered = orders::Entity::find().filter(orders::Column::Quote.contains(price.id.to_string()));
    Ok(ordered.count(tx.db).await? > 0)
}

/// Offers a price no longer; running subscriptions keep it.
pub(crate) async fn archive(tx: &Tx<'_>, application: ApplicationId, price: PriceId) -> Result<()> {
    prices::Entity::update_many()
        .col_expr(prices::Column::ArchivedAt, Expr::value(tx.millis()))
        .filter(prices::Column::Id.eq(price.get()))
        .exec(tx.db)
        .await?;
    counterparts::outdate(tx, application, price.get(), tx.now).await
}

/// Archives the price that the platform API shows and makes another in its place; the same terms change nothing.
pub(crate) async fn replace_shown(tx: &Tx<'_>, plan: &Plan, new: Option<NewPrice>) -> Result<()> {
    let shown = plan.shown_price();
    if let (Some(shown), Some(new)) = (shown, &new)
        && new.money == shown.money
        && new.interval == shown.interval
    {
        return Ok(());
    }
    if let Some(shown) = shown {
        archive(tx, plan.application_id, shown.id).await?;
    }
    if let Some(new) = new {
        insert(tx, plan.application_id, plan.id, new, false).await?;
    }
    Ok(())
}
