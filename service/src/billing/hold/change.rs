//! Changes of the plan that is held.

use domain::{
    ErrorCode, Timestamp,
    billing::{
        ledger::Action,
        subscription::{Event, InvalidTransition, State, Subscription},
    },
    id::{ApplicationId, PlanId},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{Billing, Hold, Placement, Source, grow, grow_alone, rows};
use crate::{
    Error, Result,
    billing::{agreements, invoices, orders},
    clock::at,
    entity::{memberships, plans, subscriptions},
    payment::objects::Account,
    tx::Tx,
};

/// Moves the membership to a plan, without a payment, from now on. What was to be paid for another is given up.
///
/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn place(tx: &Tx<'_>, hold: &mut Hold, placement: Placement) -> Result<Subscription> {
    let placed = place_at(tx, hold, placement, hold.now).await?;
    orders::cancel_open(tx, hold).await?;
    Ok(placed)
}

async fn place_at(tx: &Tx<'_>, hold: &mut Hold, placement: Placement, from: Timestamp) -> Result<Subscription> {
    let after = match hold.subscription.clone() {
        Some(held) => Subscription {
            plan_id: placement.plan,
            price_id: placement.price,
            state: activate(held.state)?,
            source: placement.source,
            period: None,
            expires_at: placement.expires_at,
            cancel_at: None,
            scheduled: None,
            ..held
        },
        None => Subscription {
            id: tx.id(),
            membership_id: hold.member(),
            plan_id: placement.plan,
            price_id: placement.price,
            state: State::Active,
            source: placement.source,
            period: None,
            expires_at: placement.expires_at,
            cancel_at: None,
            scheduled: None,
            started_at: from,
        },
    };
    agreements::end_held(tx, hold).await?;
    hold.billing = Billing::default();
    write(tx, hold, after, from).await
}

/// Puts the membership on what has been paid, from now on. `after` without a subscription before it is a new one.
///
/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn bill(tx: &Tx<'_>, hold: &mut Hold, after: Subscription, billing: Billing) -> Result<Subscription> {
    hold.billing = billing;
    write(tx, hold, after, hold.now).await
}

/// Changes the subscription that is held, plan and price as they are.
pub(crate) async fn change(tx: &Tx<'_>, hold: &mut Hold, after: Subscription, action: Action) -> Result<Subscription> {
    let entry = hold.entry(action).from(hold.told()).to(hold.tells(&after));
    rows::store(tx, hold, &after, false).await?;
    if after.state.is_final() {
        hold.subscription = None;
        hold.billing = Billing::default();
        grow(tx, hold, 0).await?;
    } else {
        hold.subscription = Some(after.clone());
        grow_alone(tx, hold).await?;
    }
    hold.billed = hold.billing.clone();
    hold.log(tx, entry).await?;
    Ok(after)
}

/// From now on another account bills the subscription that is held. What the one before renews by itself ends there.
pub(crate) async fn hand_over(tx: &Tx<'_>, hold: &mut Hold, to: Account) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    agreements::end_held(tx, hold).await?;
    hold.billing.reference = None;
    (hold.billing.provider, hold.billing.mode) = (Some(to.provider), Some(to.mode));
    change(tx, hold, held, Action::SubscriptionUpdated).await?;
    Ok(())
}

/// Lets the engine look at the subscription again: something has changed that it did not do itself.
pub(crate) async fn touch(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    match &hold.subscription {
        Some(held) if held.is_billed() => rows::store(tx, hold, held, false).await,
        _ => Ok(()),
    }
}

/// Writes the subscription that follows the one that is held. The plan's row is shared, so that it cannot be deleted
/// meanwhile.
async fn write(tx: &Tx<'_>, hold: &mut Hold, after: Subscription, from: Timestamp) -> Result<Subscription> {
    let plan = plans::Entity::find_by_id(after.plan_id.get())
        .filter(plans::Column::ApplicationId.eq(hold.membership.application_id))
        .filter(plans::Column::DeletedAt.is_null())
        .lock_shared()
        .one(tx.db)
        .await?
        .ok_or(ErrorCode::PlanNotFound)?;
    let entry = match hold.told() {
        Some(before) => hold.entry(Action::SubscriptionUpdated).from(before),
        None => hold.entry(Action::SubscriptionCreated),
    };
    let entry = entry.to(hold.tells(&after));
    rows::store(tx, hold, &after, hold.subscription.is_none()).await?;
    hold.subscription = Some(after.clone());
    hold.billed = hold.billing.clone();
    grow(tx, hold, plan.version).await?;
    if from == hold.now {
        hold.log(tx, entry).await?
    } else {
        hold.log_at(tx, from, entry).await?
    }
    Ok(after)
}

fn activate(state: State) -> Result<State> {
    let event = if let State::Paused { .. } = state { Event::Resume } else { Event::Activate };
    state.apply(event).map_err(|refused: InvalidTransition| Error::internal(refused))
}

/// Ends the subscription now; without one, nothing happens. What was asked for its periods is taken back, and what was
/// to be paid for another is given up.
pub(crate) async fn end(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let state = held.state.apply(Event::Cancel { at: hold.now }).map_err(Error::internal)?;
    let ended = change(tx, hold, Subscription { state, ..held }, Action::SubscriptionCanceled).await?;
    invoices::close(tx, hold, ended.id, hold.now, false).await?;
    orders::cancel_open(tx, hold).await
}

/// Grants the default plan to a membership that never had a subscription.
pub(crate) async fn grant_default(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let had = subscriptions::Entity::find()
        .filter(subscriptions::Column::MembershipId.eq(hold.membership.id))
        .count(tx.db)
        .await?;
    if had == 0 { place_default(tx, hold, hold.now).await } else { Ok(()) }
}

pub(super) async fn place_default(tx: &Tx<'_>, hold: &mut Hold, from: Timestamp) -> Result<()> {
    let default = plans::Entity::find()
        .filter(plans::Column::ApplicationId.eq(hold.membership.application_id))
        .filter(plans::Column::IsDefault.eq(true))
        .one(tx.db)
        .await?;
    let Some(default) = default else { return Ok(()) };
    let placement = Placement { plan: default.id.into(), price: None, source: Source::Default, expires_at: None };
    place_at(tx, hold, placement, from).await?;
    Ok(())
}

/// Notes that a plan has been chosen, by the user or for them.
pub(crate) async fn mark_chosen(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let before = hold.membership.chosen_at.replace(tx.millis());
    if before == hold.membership.chosen_at {
        return Ok(());
    }
    memberships::Entity::update_many()
        .col_expr(memberships::Column::ChosenAt, Expr::value(tx.millis()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    hold.log(tx, hold.entry(Action::PlanChosen).from(before.map(at)).to(at(tx.millis()))).await
}

/// As [`mark_chosen`], where it was the user who decided, by choosing or by paying: the ledger says for what.
pub(crate) async fn select(tx: &Tx<'_>, hold: &mut Hold, plan: Option<PlanId>) -> Result<()> {
    mark_chosen(tx, hold).await?;
    hold.log(tx, hold.entry(Action::PlanSelected).to(plan)).await
}

/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn plan_exists(tx: &Tx<'_>, application: ApplicationId, plan: PlanId) -> Result<()> {
    let row = plans::Entity::find_by_id(plan.get())
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::DeletedAt.is_null())
        .one(tx.db)
        .await?;
    row.map(|_| ()).ok_or_else(|| ErrorCode::PlanNotFound.into())
}
