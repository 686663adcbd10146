//! What was changed at the provider's, and is adopted: an end, another price.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    billing::{
        ledger::Action,
        subscription::{Event, Period, Subscription},
    },
};

use super::News;
use crate::{
    Result,
    billing::{
        agreements::steering,
        alerts::{self, Cause},
        hold::{self, Billing, Hold},
        invoices,
    },
    mail,
    payment::{Agreement, Billed},
    tx::Tx,
};

/// Providers count whole seconds.
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// A cancellation that was made, moved or taken back at the provider's: its own portal, or its dashboard. It has been
/// told ours.
pub(super) async fn adopt_ending(tx: &Tx<'_>, hold: &mut Hold, agreement: &Agreement) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let cancel_at: Option<Timestamp> = agreement.cancel_at;
    let is_other = cancel_at.is_some() != held.cancel_at.is_some() || is_moved(&held, agreement);
    if !is_other || held.scheduled_change().is_some() {
        return Ok(());
    }
    let action = if cancel_at.is_some() { Action::SubscriptionScheduled } else { Action::SubscriptionUnscheduled };
    let after = Subscription { cancel_at, ..held };
    let after = hold::change(tx, hold, after, action).await?;
    mail::ending::canceled(tx, hold, &after).await?;
    // A change that waited behind the end which is taken back is still to be told.
    if after.scheduled_change().is_some() { Ok(()) } else { steering::has(tx, hold).await }
}

/// Whether it ends at another moment there. Where both end with a period, that is none: while it is paused, the
/// provider's periods follow one another, and ours waits.
fn is_moved(held: &Subscription, agreement: &Agreement) -> bool {
    let Some((own, there)) = held.cancel_at.zip(agreement.cancel_at) else { return false };
    let differ = |one: Timestamp, other: Timestamp| (one - other).abs() > SECOND;
    let is_dated = |at: Timestamp, period: Option<Period>| period.is_some_and(|period| differ(at, period.end));
    differ(own, there) && (is_dated(own, held.period) || is_dated(there, agreement.period))
}

/// Another price that was taken there. A period that it has begun, and that nobody has paid yet, is waited for.
pub(super) async fn adopt_price(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>) -> Result<()> {
    let agreement = news.agreement;
    let held = hold.subscription.clone().filter(|held| news.is_held(hold) && held.scheduled.is_none());
    let Some(held) = held else { return Ok(()) };
    let is_ours = held.price_id.is_some_and(|own| agreement.prices.contains(&own));
    let Some(price) = agreement.prices.first().copied().filter(|_| !is_ours) else { return Ok(()) };
    let Some(plan) = news.entry.plans.iter().find(|plan| plan.prices.iter().any(|own| own.id == price)) else {
        return alerts::raise_drift(tx, hold, held.id, Cause::AnotherPrice).await;
    };
    let next = held.period.zip(agreement.period).filter(|(own, next)| next.end > own.end + SECOND);
    let state = match next {
        Some((_, next)) => {
            let of_next = |billed: &&Billed| billed.period.start == next.start;
            if !agreement.billed.iter().filter(of_next).any(|billed| billed.payment.received().is_some()) {
                return steering::leave_price(tx, hold, &held).await;
            }
            held.state.apply(Event::Activate).unwrap_or(held.state)
        }
        None => held.state,
    };
    let period = agreement.period.or(held.period);
    let after = Subscription { plan_id: plan.id, price_id: Some(price), state, period, ..held };
    let anchor = period.map(|period| period.end).or(hold.billing.anchor);
    let billing = Billing { anchor, ..hold.billing.clone() };
    // What we asked for the period was for the price before.
    invoices::void_open(tx, hold).await?;
    hold::bill(tx, hold, after, billing).await?;
    Ok(())
}
