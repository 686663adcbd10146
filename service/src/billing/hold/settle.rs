//! What the clock has changed, written down by whoever comes first, and dated at the moment that it was due.

use domain::{
    application::OnEnd,
    billing::{
        feature::Overrides,
        ledger::Action,
        subscription::{Ended, State, Subscription},
    },
    id::{ApplicationId, PlanId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Billing, Hold, change::place_default, grow, lock, rows, subscription, version};
use crate::{
    Error, Result,
    billing::{invoices, orders},
    db::json,
    entity::{memberships, subscriptions},
    mail,
    tx::Tx,
};

/// Writes down everything that is due at the hold's moment.
pub(crate) async fn settle(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    settle_overrides(tx, hold).await?;
    settle_change(tx, hold).await?;
    match hold.over() {
        Some(ended) => finish(tx, hold, ended).await,
        None => Ok(()),
    }
}

/// The end that time brought: what was asked for and not paid is given up, and what follows an end follows.
pub(crate) async fn finish(tx: &Tx<'_>, hold: &mut Hold, ended: Ended) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let after = Subscription { state: ended.state, ..held.clone() };
    let action = match ended.state {
        State::Canceled { .. } => Action::SubscriptionCanceled,
        _ => Action::SubscriptionExpired,
    };
    let entry = hold.entry(action).from(hold.told()).to(hold.tells(&after));
    hold.subscription = None;
    rows::store(tx, hold, &after, false).await?;
    (hold.billing, hold.billed) = (Billing::default(), Billing::default());
    grow(tx, hold, 0).await?;
    if ended.at == hold.now {
        hold.log(tx, entry).await?;
    } else {
        hold.log_at(tx, ended.at, entry).await?;
    }
    let unpaid = matches!(held.state, State::PastDue { .. });
    invoices::close(tx, hold, held.id, ended.at, unpaid).await?;
    orders::cancel_open(tx, hold).await?;
    let on_end = tx.services.directory().application(hold.application()).map(|own| own.application.settings.on_end);
    if on_end == Some(OnEnd::DefaultPlan) {
        place_default(tx, hold, ended.at).await?;
    }
    mail::ending::ended(tx, hold, &held, ended.at).await
}

/// A scheduled change of plan that is due.
pub(crate) async fn settle_change(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let Some(change) = held.due_change(hold.now) else { return Ok(()) };
    let after = held.clone().settle(change.at);
    if !after.is_billed() {
        hold.billing = Billing::default();
    }
    let entry = hold.entry(Action::SubscriptionUpdated).from(hold.told()).to(hold.tells(&after));
    rows::store(tx, hold, &after, false).await?;
    hold.subscription = Some(after.clone());
    hold.billed = hold.billing.clone();
    let plan_version = version(tx, after.plan_id).await?;
    grow(tx, hold, plan_version).await?;
    hold.log_at(tx, change.at, entry).await?;
    orders::cancel_open(tx, hold).await
}

async fn settle_overrides(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let before: Overrides = domain::stored::read(&hold.membership.overrides).map_err(Error::internal)?;
    let over = before.values().filter_map(|own| own.expires_at).filter(|expiry| *expiry <= hold.now).max();
    let Some(over) = over else { return Ok(()) };
    let mut after = before.clone();
    after.retain(|_, own| own.holds(hold.now));
    store_overrides(tx, hold, &after).await?;
    hold.log_at(tx, over, hold.entry(Action::FeatureOverridden).from(&before).to(&after)).await
}

/// Writes the overrides that the member has from now on. The ledger is the caller's.
pub(crate) async fn store_overrides(tx: &Tx<'_>, hold: &mut Hold, after: &Overrides) -> Result<()> {
    hold.membership.overrides = json(after)?;
    memberships::Entity::update_many()
        .col_expr(memberships::Column::Overrides, Expr::value(hold.membership.overrides.clone()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    grow(tx, hold, hold.plan_version).await
}

/// Settles every subscription of a plan that time has ended, in the order of their memberships.
pub(crate) async fn settle_plan(tx: &Tx<'_>, application: ApplicationId, plan: PlanId) -> Result<()> {
    let open: Vec<subscriptions::Model> = subscriptions::Entity::find()
        .filter(subscriptions::Column::PlanId.eq(plan.get()))
        .filter(subscriptions::open(subscriptions::Entity))
        .all(tx.db)
        .await?;
    let mut due = Vec::new();
    let now = tx.services.billing_now(application);
    for row in open {
        let subscription = subscription(row)?;
        if subscription.next_change().is_some_and(|at| at <= now) {
            due.push(subscription.membership_id);
        }
    }
    due.sort();
    for membership in due {
        lock(tx, membership).await?;
    }
    Ok(())
}
