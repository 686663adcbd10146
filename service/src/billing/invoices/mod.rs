//! Invoices: what the engine asks for when a period begins, and what was paid.

mod link;
mod manage;
pub(crate) mod rows;

use domain::{
    ErrorCode, Money,
    billing::{
        credit::Reason,
        cycle::Anchored,
        invoice::{Event, Invoice, InvoiceNumber, State, Status},
        ledger::Action,
        quote::Quote,
        subscription::{self, Period, Source, Subscription},
    },
    id::{InvoiceId, PaymentId, SubscriptionId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

pub use link::Bill;
pub use manage::Invoices;

use super::{
    alerts::{self, AlertKind},
    credits,
    hold::{self, Billing, Hold},
    payments,
};
use crate::{Error, Result, directory::ApplicationEntry, entity::invoices, mail, tx::Tx};

/// Makes the invoice of a period. What has nothing due is paid at once; what the credit pays is used now.
pub(super) async fn make(
    tx: &Tx<'_>,
    hold: &Hold,
    period: Period,
    anchor: domain::Timestamp,
    quote: Quote,
    is_renewal: bool,
) -> Result<Invoice> {
    let entry = application(tx, hold)?;
    let subscription = hold.subscription.as_ref().ok_or(ErrorCode::PlanNotFound)?.id;
    let number = InvoiceNumber::new(&entry.application.slug, rows::next_number(tx, hold).await?);
    let paid = !is_renewal || quote.due.is_zero();
    let state = if paid { State::Paid { at: hold.now } } else { State::Open { due_at: period.start } };
    let invoice = Invoice {
        id: tx.id(),
        number,
        subscription_id: subscription,
        period,
        anchor,
        quote,
        state,
        attempts: Default::default(),
        created_at: hold.now,
    };
    rows::insert(tx, hold, &invoice, is_renewal).await?;
    hold.log(tx, hold.entry(Action::InvoiceCreated).to(&invoice)).await?;
    credits::take(tx, hold, invoice.quote.credit_used, Reason::Invoice(invoice.id)).await?;
    credits::give(tx, hold, invoice.quote.credit_added, Reason::Invoice(invoice.id)).await?;
    if let Some(back) = invoice.quote.foreign_credit {
        credits::give(tx, hold, back, Reason::Invoice(invoice.id)).await?;
    }
    mail::money::receipt(tx, hold, &invoice).await?;
    Ok(invoice)
}

/// The money of an invoice has arrived. What was given up comes back to life, unless something else is billed by now,
/// its plan is gone, or the member has no access; money that is owed by nobody becomes credit.
pub(super) async fn paid(
    tx: &Tx<'_>,
    hold: &mut Hold,
    id: InvoiceId,
    payment: PaymentId,
    received: Money,
) -> Result<()> {
    let (invoice, _) = rows::find(tx.db, id).await?.ok_or(ErrorCode::PlanNotFound)?;
    let given_up = matches!(invoice.state, State::Uncollectible { .. });
    let other = hold.subscription.as_ref().is_some_and(|held| held.is_billed() && held.id != invoice.subscription_id);
    let is_gone = application(tx, hold)?.plan(invoice.quote.plan_id).is_none();
    let is_lost = given_up && (other || is_gone || !hold.is_active());
    let state = invoice.state.apply(Event::Pay { at: hold.now }).ok().filter(|_| !is_lost);
    let Some(state) = state else {
        credits::give(tx, hold, received, Reason::Payment(payment)).await?;
        return alerts::raise(tx, hold, AlertKind::PaymentUnused, payment, &invoice.number).await;
    };
    let after = Invoice { state, ..invoice };
    rows::update(tx, &after).await?;
    hold.log(tx, hold.entry(Action::InvoicePaid).to(&after)).await?;
    mail::money::receipt(tx, hold, &after).await?;
    if !given_up {
        return Ok(());
    }
    credits::take(tx, hold, after.quote.credit_used, Reason::Invoice(id)).await?;
    revive(tx, hold, &after).await
}

/// A period that was paid after its subscription had ended begins when the money comes.
async fn revive(tx: &Tx<'_>, hold: &mut Hold, invoice: &Invoice) -> Result<()> {
    let entry = application(tx, hold)?;
    let plan = entry.plan(invoice.quote.plan_id).ok_or(ErrorCode::PlanNotFound)?;
    let price = plan.prices.iter().find(|price| Some(price.id) == invoice.quote.price_id);
    let first = price.and_then(|price| Anchored::starting(hold.now, price.interval));
    let after = Subscription {
        id: hold.subscription.as_ref().map_or_else(|| tx.id(), |held| held.id),
        membership_id: hold.member(),
        plan_id: plan.id,
        price_id: invoice.quote.price_id,
        state: subscription::State::Active,
        source: Source::Provider,
        period: first.map(|first| first.period),
        expires_at: None,
        cancel_at: None,
        scheduled: None,
        started_at: hold.now,
    };
    let provider = entry.application.settings.provider;
    let billing = Billing {
        anchor: first.map(|first| first.anchor),
        provider: Some(provider),
        mode: entry.mode_at(provider),
        reference: None,
        discount: invoice.quote.discount.clone(),
    };
    let held = hold::bill(tx, hold, after, billing).await?;
    let period = held.period.unwrap_or(Period { start: hold.now, end: hold.now });
    assign(tx, hold, invoice.clone(), held.id, period).await
}

/// The running period has been moved by a pause: what paid for it paid for the moved one.
pub(super) async fn move_paid(tx: &Tx<'_>, hold: &Hold, before: Period, after: Period) -> Result<()> {
    let Some(held) = &hold.subscription else { return Ok(()) };
    while before != after
        && let Some(invoice) = of_period(tx, held.id, before).await?
    {
        assign(tx, hold, invoice, held.id, after).await?;
    }
    Ok(())
}

/// What a paid invoice was for is another period, or another subscription's, by now.
async fn assign(
    tx: &Tx<'_>,
    hold: &Hold,
    invoice: Invoice,
    subscription_id: SubscriptionId,
    period: Period,
) -> Result<()> {
    let entry = hold.entry(Action::InvoiceMoved).from(&invoice);
    let after = Invoice { subscription_id, period, ..invoice };
    rows::assign(tx, &after).await?;
    hold.log(tx, entry.to(&after)).await
}

/// The period that a paid renewal was for is somebody else's now.
async fn free_period(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    rows::free_period(tx, invoice.id).await?;
    hold.log(tx, hold.entry(Action::InvoiceReleased).to(invoice)).await
}

/// What was asked for the periods of a subscription that has ended is given up, or taken back.
pub(super) async fn close(
    tx: &Tx<'_>,
    hold: &Hold,
    subscription: SubscriptionId,
    at: domain::Timestamp,
    unpaid: bool,
) -> Result<()> {
    for invoice in open(tx, subscription).await? {
        if unpaid {
            let state = invoice.state.apply(Event::GiveUp { at }).map_err(Error::internal)?;
            let after = Invoice { state, ..invoice };
            rows::update(tx, &after).await?;
            hold.log(tx, hold.entry(Action::InvoiceGivenUp).to(&after)).await?;
            credits::give(tx, hold, after.quote.credit_used, Reason::Invoice(after.id)).await?;
        } else {
            void(tx, hold, invoice).await?;
        }
    }
    Ok(())
}

/// The next period is no longer what was asked or paid for: what is open is taken back, what was paid becomes credit.
pub(super) async fn release_next(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let Some((held, period)) = hold.subscription.as_ref().and_then(|held| Some((held, held.period?))) else {
        return Ok(());
    };
    void_open(tx, hold).await?;
    if let Some(invoice) = next(tx, held.id, period.end).await?
        && matches!(invoice.state, State::Paid { .. })
    {
        free_period(tx, hold, &invoice).await?;
        let (money, reason) = match payments::of_invoice(tx, hold, invoice.id).await? {
            Some(payment) => (payment.refundable(), Reason::Payment(payment.id)),
            None => (invoice.quote.due, Reason::Invoice(invoice.id)),
        };
        credits::give(tx, hold, money, reason).await?;
        credits::give(tx, hold, invoice.quote.credit_used, Reason::Invoice(invoice.id)).await?;
    }
    Ok(())
}

/// Another plan begins at once: as [`release_next`], and what is being charged is taken back too. Its money becomes
/// credit when it comes.
pub(super) async fn release_all(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    release_next(tx, hold).await?;
    match &hold.subscription {
        Some(held) => close(tx, hold, held.id, hold.now, false).await,
        None => Ok(()),
    }
}

/// The money of the next period has gone back: it does not begin. What the credit paid of it is there again.
pub(super) async fn unpay_next(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice) -> Result<()> {
    free_period(tx, hold, invoice).await?;
    credits::give(tx, hold, invoice.quote.credit_used, Reason::Invoice(invoice.id)).await
}

/// Takes back what is asked for the subscription's periods.
pub(super) async fn void_open(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let Some(held) = &hold.subscription else { return Ok(()) };
    for invoice in open(tx, held.id).await?.into_iter().filter(|invoice| !invoice.attempts.in_flight()) {
        void(tx, hold, invoice).await?;
    }
    Ok(())
}

/// The end of the next period, where that is paid already or its charge is under way.
pub(super) async fn paid_until(tx: &Tx<'_>, hold: &Hold) -> Result<Option<domain::Timestamp>> {
    let Some((id, period)) = hold.subscription.as_ref().and_then(|held| Some((held.id, held.period?))) else {
        return Ok(None);
    };
    let next = next(tx, id, period.end).await?;
    let stands = |invoice: &Invoice| match invoice.state {
        State::Paid { .. } => true,
        State::Open { .. } => invoice.attempts.in_flight(),
        State::Void { .. } | State::Uncollectible { .. } => false,
    };
    Ok(next.filter(stands).map(|invoice| invoice.period.end))
}

/// Takes an invoice back: nobody owes it. What the credit paid of it is there again.
pub(super) async fn void(tx: &Tx<'_>, hold: &Hold, invoice: Invoice) -> Result<Invoice> {
    let state = invoice.state.apply(Event::Void { at: hold.now }).map_err(Error::internal)?;
    let after = Invoice { state, ..invoice };
    rows::update(tx, &after).await?;
    hold.log(tx, hold.entry(Action::InvoiceVoided).to(&after)).await?;
    credits::give(tx, hold, after.quote.credit_used, Reason::Invoice(after.id)).await?;
    Ok(after)
}

/// The invoice of the period that begins at `start`, if it was made; not one that is void.
pub(super) async fn next(
    tx: &Tx<'_>,
    subscription: SubscriptionId,
    start: domain::Timestamp,
) -> Result<Option<Invoice>> {
    let row = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.eq(subscription.get()))
        .filter(invoices::Column::PeriodStartAt.eq(start.timestamp_millis()))
        .filter(invoices::Column::IsRenewal.eq(true))
        .filter(invoices::Column::Status.ne(Status::Void.as_str()))
        .one(tx.db)
        .await?;
    row.map(rows::invoice).transpose()
}

/// What was charged last for a period: the whole of it, or what was left of it.
pub(super) async fn of_period(tx: &Tx<'_>, subscription: SubscriptionId, period: Period) -> Result<Option<Invoice>> {
    let row = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.eq(subscription.get()))
        .filter(invoices::Column::PeriodStartAt.eq(period.start.timestamp_millis()))
        .filter(invoices::Column::PeriodEndAt.eq(period.end.timestamp_millis()))
        .filter(invoices::Column::Status.eq(Status::Paid.as_str()))
        .order_by_desc(invoices::Column::Id)
        .one(tx.db)
        .await?;
    row.map(rows::invoice).transpose()
}

async fn open(tx: &Tx<'_>, subscription: SubscriptionId) -> Result<Vec<Invoice>> {
    let rows = invoices::Entity::find()
        .filter(invoices::Column::SubscriptionId.eq(subscription.get()))
        .filter(invoices::Column::Status.eq(Status::Open.as_str()))
        .all(tx.db)
        .await?;
    rows.into_iter().map(rows::invoice).collect()
}

fn application(tx: &Tx<'_>, hold: &Hold) -> Result<std::sync::Arc<ApplicationEntry>> {
    let directory = tx.services.directory();
    Ok(directory.application(hold.application()).ok_or(ErrorCode::ApplicationNotFound)?.clone())
}
