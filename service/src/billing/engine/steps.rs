//! The steps that time asks for, done one after the other.

use domain::{
    Timestamp,
    application::Provider,
    billing::{
        coupon::Discount,
        cycle::Anchored,
        dunning::{grace_until, silence},
        invoice::{Invoice, Status},
        ledger::Action,
        renewal::{Cause, Collection, Due, Step},
        subscription::{Event, Period, State, Subscription},
    },
    id::InvoiceId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    account::{self, Loaded},
    charge::{self, Charge},
};
use crate::{
    Error, Result,
    billing::{
        alerts,
        hold::{self, Hold},
        invoices, orders,
    },
    entity::subscriptions,
    mail,
    payment::objects::Account,
    tx::Tx,
};

/// What is done outside a transaction, before the next one goes on.
pub(super) enum Errand {
    /// A charge that is written down as begun.
    Charge(Box<Charge>),
    /// The provider that renews it has to be asked for news. One that cannot be asked is asked again, where a grace has
    /// ended until `until` at most.
    Ask { provider: Provider, reference: String, until: Option<Timestamp> },
}

/// Who walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walker {
    /// Another use case: what needs a provider is left to the engine.
    Settler,
    /// The engine; `asked` once the provider that renews the subscription has been.
    Engine { asked: bool },
}

/// Does everything that the database alone can do, inside another use case's transaction.
pub(crate) async fn settle(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let now = hold.now;
    walk(tx, hold, now, Walker::Settler).await?;
    Ok(())
}

/// Does everything that is due at `upto`, up to what needs a provider: that is returned to be carried out when this is
/// committed. `asked` says that the provider which renews the subscription has been asked, and has told all it knows.
pub(super) async fn run(tx: &Tx<'_>, hold: &mut Hold, upto: Timestamp, asked: bool) -> Result<Option<Errand>> {
    walk(tx, hold, upto, Walker::Engine { asked }).await
}

async fn walk(tx: &Tx<'_>, hold: &mut Hold, upto: Timestamp, walker: Walker) -> Result<Option<Errand>> {
    let now = hold.now;
    let stop = loop {
        let Some(loaded) = account::load(tx, hold).await? else { break None };
        if let Some(account) = loaded.asks_anew(hold) {
            hold.now = upto;
            ask_anew(tx, hold, account).await?;
            continue;
        }
        let due = loaded.account(hold)?.due(upto).map_err(Error::internal)?;
        if let Due::Now {
            at,
            step: Step::Renew { .. } | Step::Charge { .. } | Step::FallBehind { .. } | Step::Remind { .. },
        } = due
            && let Some(account) = loaded.successor(hold)
        {
            hold.now = at;
            hold::hand_over(tx, hold, account).await?;
        }
        match due {
            Due::Nothing { until } => {
                let begun = charge::begun(tx, hold, &loaded).await?;
                // Somebody else may collect when the period ends.
                let ends = loaded.subscription.period.map(|period| period.end).filter(|end| *end > upto);
                let until = until.map(|until| ends.map_or(until, |ends| until.min(ends)));
                let until = if begun.is_some() { Some(upto) } else { until };
                look_again(tx, hold, until).await?;
                break begun.filter(|_| walker != Walker::Settler).map(|begun| Errand::Charge(Box::new(begun)));
            }
            Due::Now { at, step: Step::Charge { invoice_id, .. } } => {
                look_again(tx, hold, Some(at)).await?;
                if walker == Walker::Settler {
                    break None;
                }
                hold.now = at;
                break Some(Errand::Charge(Box::new(charge::begin(tx, hold, &loaded, invoice_id).await?)));
            }
            // Who collects by itself may have the money by now.
            Due::Now { at, step: step @ (Step::Ask | Step::End { cause: Cause::Grace, .. }) }
                if hold.billing.reference.is_some() && walker != (Walker::Engine { asked: true }) =>
            {
                // Not at the first silence: this server may have been away for longer than its patience lasts.
                let is_asked_again = is_put_off(tx, hold, at).await?;
                if walker == Walker::Settler && is_asked_again {
                    break None;
                }
                look_again(tx, hold, Some(at)).await?;
                let named = hold.billing.provider.zip(hold.billing.reference.clone());
                let named = named.filter(|_| walker != Walker::Settler);
                let patience = silence(loaded.entry.application.settings.grace_days);
                let until = (step != Step::Ask && is_asked_again).then(|| grace_until(at, patience));
                break named.map(|(provider, reference)| Errand::Ask { provider, reference, until });
            }
            // Nobody is ended by an outage of ours: the grace counts from the moment of the question.
            Due::Now { step: Step::Ask, .. } => {
                hold.now = upto;
                silent(tx, hold, loaded).await?;
            }
            Due::Now { at, step } => {
                hold.now = at;
                take(tx, hold, loaded, step).await?;
            }
        }
    };
    hold.now = now;
    Ok(stop)
}

/// Notes when the engine has to look again; `None` for never.
pub(super) async fn look_again(tx: &Tx<'_>, hold: &Hold, at: Option<Timestamp>) -> Result<()> {
    let Some(held) = &hold.subscription else { return Ok(()) };
    subscriptions::Entity::update_many()
        .col_expr(subscriptions::Column::DueAt, Expr::value(at.map(|at| at.timestamp_millis())))
        .filter(subscriptions::Column::Id.eq(held.id.get()))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Whether what is due at `at` was put off.
async fn is_put_off(tx: &Tx<'_>, hold: &Hold, at: Timestamp) -> Result<bool> {
    let Some(held) = &hold.subscription else { return Ok(false) };
    let row = subscriptions::Entity::find_by_id(held.id.get()).one(tx.db).await?;
    Ok(row.and_then(|row| row.due_at).is_some_and(|due| due > at.timestamp_millis()))
}

async fn take(tx: &Tx<'_>, hold: &mut Hold, loaded: Loaded, step: Step) -> Result<()> {
    match step {
        Step::End { ended, .. } => hold::finish(tx, hold, ended).await,
        Step::ApplyScheduled(_) => hold::settle_change(tx, hold).await,
        Step::Advance { next, .. } => {
            let discount = loaded.invoice.and_then(|invoice| invoice.quote.discount);
            advance(tx, hold, loaded.subscription, next, discount).await
        }
        Step::Renew { period, anchor, quote } => {
            let by_link = loaded.collection(hold) == Collection::Link;
            let invoice = invoices::make(tx, hold, period, anchor, *quote, true).await?;
            if by_link && invoice.state.status() == Status::Open {
                mail::money::invoice(tx, hold, &invoice).await?;
            }
            Ok(())
        }
        Step::FallBehind { since, grace_until } => {
            let invoice = loaded.invoice.ok_or_else(|| Error::internal("behind with no invoice"))?;
            fall_behind(tx, hold, Some(&invoice), since, grace_until).await
        }
        Step::Remind { invoice_id } => remind(tx, hold, loaded.invoice, invoice_id).await,
        Step::Charge { .. } | Step::Ask => Ok(()),
    }
}

/// What test money paid for good is over where real money is collected: it is asked for as what follows a period.
async fn ask_anew(tx: &Tx<'_>, hold: &mut Hold, account: Account) -> Result<()> {
    hold::hand_over(tx, hold, account).await?;
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let over = Period { start: hold.now, end: hold.now };
    hold::change(tx, hold, Subscription { period: Some(over), ..held }, Action::SubscriptionUpdated).await?;
    Ok(())
}

/// The provider that renews it knows of no payment for the period that should have begun: the grace begins, and a
/// person hears of it.
async fn silent(tx: &Tx<'_>, hold: &mut Hold, loaded: Loaded) -> Result<()> {
    alerts::raise_drift(tx, hold, loaded.subscription.id, alerts::Cause::NoRenewal).await?;
    let (since, grace_days) = (hold.now, loaded.entry.application.settings.grace_days);
    fall_behind(tx, hold, loaded.invoice.as_ref(), since, grace_until(since, silence(grace_days))).await
}

/// A paid period begins; `discount` is what is left of the one that it took. A paused subscription stays paused, and a
/// person hears of it.
pub(crate) async fn advance(
    tx: &Tx<'_>,
    hold: &mut Hold,
    held: Subscription,
    next: Option<Anchored>,
    discount: Option<Discount>,
) -> Result<()> {
    if let State::Paused { .. } = held.state {
        return alerts::raise_drift(tx, hold, held.id, alerts::Cause::BilledWhilePaused).await;
    }
    let behind = matches!(held.state, State::PastDue { .. });
    let action = if behind { Action::SubscriptionRecovered } else { Action::SubscriptionRenewed };
    let state = held.state.apply(Event::Activate).map_err(Error::internal)?;
    hold.billing.anchor = next.map(|next| next.anchor);
    hold.billing.discount = discount;
    let after = Subscription { state, period: next.map(|next| next.period), ..held };
    hold::change(tx, hold, after, action).await?;
    orders::cancel_open(tx, hold).await
}

/// Not paid when it was due: the grace begins. Its member is written to where there is an invoice. A paused one, for
/// which nothing is to be billed, stays paused, and a person hears of it.
pub(crate) async fn fall_behind(
    tx: &Tx<'_>,
    hold: &mut Hold,
    invoice: Option<&Invoice>,
    since: Timestamp,
    grace_until: Timestamp,
) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    if let State::Paused { .. } = held.state {
        return alerts::raise_drift(tx, hold, held.id, alerts::Cause::BilledWhilePaused).await;
    }
    let state = held.state.apply(Event::PaymentFailed { at: since, grace_until }).map_err(Error::internal)?;
    if state == held.state {
        return Ok(());
    }
    hold::change(tx, hold, Subscription { state, ..held }, Action::SubscriptionPastDue).await?;
    orders::cancel_change(tx, hold).await?;
    match invoice {
        Some(invoice) => mail::money::past_due(tx, hold, invoice).await,
        None => Ok(()),
    }
}

async fn remind(tx: &Tx<'_>, hold: &Hold, invoice: Option<Invoice>, id: InvoiceId) -> Result<()> {
    let Some(invoice) = invoice.filter(|invoice| invoice.id == id) else { return Ok(()) };
    let after = Invoice { attempts: invoice.attempts.remind(hold.now), ..invoice };
    invoices::rows::update(tx, &after).await?;
    hold.log(tx, hold.entry(Action::InvoiceReminded).to(&after)).await?;
    mail::money::reminder(tx, hold, &after).await
}
