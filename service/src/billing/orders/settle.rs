//! What a provider's report means: payment, order, subscription and ledger change in one transaction, or not at all.
//! A report that says nothing new changes nothing.

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        credit::Reason,
        cycle::Anchored,
        ledger::Action,
        order::{Difference, Event, Order, Receipt, State},
        payment::{self, Mode},
        plan::Plan,
        quote::{Quote, QuoteKind},
        subscription::{self, Period, Scheduled, Source, Subscription},
    },
    id::{InvoiceId, OrderId, PaymentId},
};
use sea_orm::EntityTrait;

use super::{Placed, place::cancel_open, rows};
use crate::{
    Error, Result,
    billing::{
        agreements,
        alerts::{self, AlertKind, Cause},
        coupons, credits, engine,
        hold::{self, Billing, Hold},
        invoices, methods,
        payments::{self, Claim},
        trials,
    },
    entity::orders,
    payment::{Agreement, AgreementState, Report, objects::Account},
    tx::Tx,
};

pub(crate) async fn settle(tx: &Tx<'_>, id: OrderId, mut report: Report) -> Result<()> {
    let surplus = std::mem::take(&mut report.surplus);
    settle_one(tx, id, report).await?;
    for report in surplus {
        let row = orders::Entity::find_by_id(id.get()).one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?;
        let mut hold = hold::lock(tx, row.membership_id.into()).await?;
        let placed = rows::placed(row)?;
        let claim = Claim {
            order: Some(id),
            invoice: None,
            provider: placed.provider,
            mode: placed.order.mode,
            key: report.key,
            expected: report.money,
        };
        payments::surplus(tx, &mut hold, &claim, &report, Cause::OnceMore).await?;
    }
    Ok(())
}

async fn settle_one(tx: &Tx<'_>, id: OrderId, report: Report) -> Result<()> {
    let find = || orders::Entity::find_by_id(id.get());
    let row = find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?;
    // Whatever changes an order holds its membership's lock: read again behind it.
    let mut hold = hold::lock(tx, row.membership_id.into()).await?;
    let placed = rows::placed(find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?)?;
    if report.facts.is_empty() {
        return Ok(());
    }
    let claim = Claim {
        order: Some(id),
        invoice: placed.invoice,
        provider: placed.provider,
        mode: placed.order.mode,
        key: id.get(),
        expected: placed.order.quote.due,
    };
    let Some(learned) = payments::learn(tx, &hold, &claim, &report).await? else {
        return end_unused(tx, &hold, placed.provider, &report).await;
    };
    payments::consequences(tx, &mut hold, &learned).await?;
    let is_payable = report.facts.contains(&payment::Fact::Pending) && report.pay_until.is_some_and(|at| at > hold.now);
    if is_payable && placed.order.state.is_given_up() {
        // Begun on a page that could not be closed, or before the provider had heard that it is to be. What waits
        // beyond its time waits for somebody else: a card that is being looked at does not expire for being told to.
        rows::close_page(tx, &placed).await?;
    }
    match learned.payment.state() {
        payment::State::Differs { .. } => {
            alerts::raise(tx, &hold, AlertKind::PaymentDiffers, id, Difference::Amount).await?;
            end_unused(tx, &hold, placed.provider, &report).await
        }
        state if state.is_paid() => paid(tx, &mut hold, placed, &report, learned.payment.id).await,
        // A transfer that was begun after a card was declined can still arrive.
        payment::State::Failed { at } if !report.facts.contains(&payment::Fact::Pending) => {
            step(tx, &hold, placed, Event::Fail { at }, Action::OrderFailed).await
        }
        payment::State::Expired { at } => step(tx, &hold, placed, Event::Expire { at }, Action::OrderExpired).await,
        payment::State::Pending | payment::State::Failed { .. } => match report.pay_until {
            Some(until) => step(tx, &hold, placed, Event::Await { until }, Action::OrderPending).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

async fn step(tx: &Tx<'_>, hold: &Hold, placed: Placed, event: Event, action: Action) -> Result<()> {
    // Late news of an order that has gone on changes nothing.
    let Ok(state) = placed.order.state.apply(event) else { return Ok(()) };
    // Another attempt may wait longer than the one before.
    let same = match (placed.order.state, state) {
        (State::Pending { until: before }, State::Pending { until }) => before == until,
        (before, after) => before.status() == after.status(),
    };
    if same {
        return Ok(());
    }
    let after = rows::advance(tx, hold, placed, state, action).await?;
    match after.invoice {
        // A charge waits for its money, or no more.
        Some(_) => hold::touch(tx, hold).await,
        None => Ok(()),
    }
}

/// The money is there: in time it buys what was shown; late it buys it unless something else was bought meanwhile. Whoever
/// has no access any more gets credit for it.
async fn paid(tx: &Tx<'_>, hold: &mut Hold, placed: Placed, report: &Report, payment: PaymentId) -> Result<()> {
    if let State::Paid { .. } = placed.order.state {
        return Ok(());
    }
    let received = report.received().unwrap_or(report.money);
    let receipt = Receipt { amount: received, mode: report.mode, said: report.said.clone() };
    let directory = tx.services.directory();
    let entry = directory.application(hold.application()).ok_or(ErrorCode::ApplicationNotFound)?;
    let mode = if entry.honours(report.mode) { Ok(()) } else { Err(Difference::Mode) };
    if let Err(difference) = mode.and_then(|()| placed.order.agrees(&receipt)) {
        alerts::raise(tx, hold, AlertKind::PaymentDiffers, placed.order.id, difference).await?;
        return end_unused(tx, hold, placed.provider, report).await;
    }
    let state = placed.order.clone().pay(hold.now).map_err(Error::internal)?.state;
    let late = matches!(state, State::Paid { late: true, .. });
    let action = if late { Action::OrderPaidLate } else { Action::OrderPaid };
    let after = rows::advance(tx, hold, placed, state, action).await?;
    if let Some(method) = report.method.as_ref().filter(|_| hold.is_active()) {
        let account = Account { application: hold.application(), provider: after.provider, mode: after.order.mode };
        methods::keep(tx, hold, account, method).await?;
    }
    if let Some(invoice) = after.invoice {
        invoices::paid(tx, hold, invoice, payment, received).await?;
        cancel_open(tx, hold).await?;
        return engine::settle(tx, hold).await;
    }
    let fits = hold.is_active() && still_fits(tx, hold, &after.order, late).await?;
    match entry.plan(after.order.quote.plan_id).filter(|_| fits) {
        Some(plan) => {
            if let Some(coupon) = after.order.quote.coupon.filter(|_| late) {
                coupons::redeemed(tx, hold, coupon, Some(after.order.id)).await?;
            }
            let agreement = report.agreement.as_ref();
            let (quote, since) = (&after.order.quote, after.order.created_at);
            let (provider, mode) = (after.provider, Some(after.order.mode));
            let invoice = grant(tx, hold, plan, &Grant { quote, since, provider, mode, agreement }).await?;
            hold::select(tx, hold, Some(quote.plan_id)).await?;
            if let Some(invoice) = invoice {
                payments::attach(tx, hold, after.order.id.get(), invoice).await?;
            }
            cancel_open(tx, hold).await
        }
        // Paid for what is not to be had any more, or beside something else: the coupon is free again.
        None => {
            coupons::release(tx, hold, after.order.id).await?;
            credits::give(tx, hold, received, Reason::Payment(payment)).await?;
            let why = if hold.is_active() { Cause::Differs(Difference::Plan) } else { Cause::NoAccess };
            alerts::raise(tx, hold, AlertKind::PaymentUnused, after.order.id, why).await?;
            end_unused(tx, hold, after.provider, report).await
        }
    }
}

/// A subscription that came of an order at a provider which renews by itself, and grants nothing here, is not billed on.
async fn end_unused(tx: &Tx<'_>, hold: &Hold, provider: Provider, report: &Report) -> Result<()> {
    match &report.agreement {
        Some(own) if hold.billing.reference.as_ref() != Some(&own.reference) => {
            let account = Account { application: hold.application(), provider, mode: report.mode };
            agreements::end_now(tx, account, &own.reference).await
        }
        _ => Ok(()),
    }
}

/// Whether what was quoted can still be had: nothing else was bought since, a change is of the period that it was
/// quoted for, and what comes late takes no second trial and no credit that is gone.
async fn still_fits(tx: &Tx<'_>, hold: &Hold, order: &Order, late: bool) -> Result<bool> {
    let quote = &order.quote;
    let billed = hold.subscription.as_ref().filter(|held| held.is_billed());
    Ok(match (quote.kind, billed) {
        (QuoteKind::Upgrade, Some(held)) => {
            let began = held.period.is_none_or(|period| period.start <= order.created_at);
            let runs_on = quote.period.is_none_or(|period| period.start >= order.created_at);
            !late && began && (runs_on || held.period == quote.period)
        }
        (QuoteKind::Upgrade, None) => false,
        (_, Some(_)) => !late,
        (_, None) if !late => true,
        (QuoteKind::Trial, None) => {
            let had_one = trials::had(tx.db, hold.membership.id).await?;
            !had_one && quote.trial_ends.is_some_and(|ends| ends > hold.now)
        }
        (_, None) => {
            let left = credits::available(tx, hold, quote.currency()).await?;
            left.amount() >= quote.credit_used.amount()
        }
    })
}

/// What is bought.
pub(super) struct Grant<'a> {
    pub quote: &'a Quote,
    /// When it was quoted.
    pub since: Timestamp,
    pub provider: Provider,
    /// `None` where nobody collects.
    pub mode: Option<Mode>,
    /// The subscription that came of it, at a provider that renews by itself.
    pub agreement: Option<&'a Agreement>,
}

/// Puts a member on what was paid, or costs nothing now. Returns its invoice, where money was due.
pub(super) async fn grant(tx: &Tx<'_>, hold: &mut Hold, plan: &Plan, grant: &Grant<'_>) -> Result<Option<InvoiceId>> {
    let quote = grant.quote;
    let (period, anchor) = when(grant, plan, hold);
    let state = match (grant.agreement.map(|agreement| agreement.state), quote.trial_ends) {
        (Some(AgreementState::Trialing { ends_at }), _) | (_, Some(ends_at)) => {
            subscription::State::Trialing { ends_at }
        }
        _ => subscription::State::Active,
    };
    if quote.kind == QuoteKind::Trial {
        trials::begin(tx, hold).await?;
    }
    // What was asked for, or paid, for the period after this one was for another plan.
    invoices::release_all(tx, hold).await?;
    // One that a provider renews takes the place of another one, and what is paid once that of any.
    let same_mode = hold.billing.mode.is_none_or(|mode| Some(mode) == grant.mode);
    let same = hold.billing.provider == Some(grant.provider) && same_mode;
    let goes_on = hold.billing.reference.clone().filter(|_| period.is_some() && same);
    let reference = grant.agreement.map(|agreement| agreement.reference.clone()).or(goes_on);
    if hold.billing.reference != reference {
        agreements::end_held(tx, hold).await?;
    }
    let before = hold.subscription.as_ref();
    let trial_ends = match state {
        subscription::State::Trialing { ends_at } => Some(ends_at),
        _ => None,
    };
    let scheduled = quote.scheduled.map(|change| Scheduled { at: trial_ends.unwrap_or(change.at), ..change });
    let after = Subscription {
        id: before.map_or_else(|| tx.id(), |held| held.id),
        membership_id: hold.member(),
        plan_id: quote.plan_id,
        price_id: quote.price_id,
        state,
        source: Source::Provider,
        period,
        expires_at: None,
        cancel_at: None,
        scheduled,
        started_at: before.map_or(hold.now, |held| held.started_at),
    };
    let billing = Billing {
        anchor,
        provider: Some(grant.provider),
        mode: grant.mode,
        reference,
        discount: quote.discount.clone(),
    };
    hold::bill(tx, hold, after, billing).await?;
    let invoice = if quote.lines.is_empty() {
        None
    } else {
        let span = period.unwrap_or(Period { start: hold.now, end: hold.now });
        Some(invoices::make(tx, hold, span, anchor.unwrap_or(hold.now), quote.clone(), false).await?.id)
    };
    engine::settle(tx, hold).await?;
    Ok(invoice)
}

/// A period that was to begin at once begins when it is paid; one that runs already goes on. Who renews by itself says
/// what it has begun.
fn when(grant: &Grant<'_>, plan: &Plan, hold: &Hold) -> (Option<Period>, Option<Timestamp>) {
    let quote = grant.quote;
    if let Some(period) = grant.agreement.and_then(|agreement| agreement.period) {
        let anchor = if quote.trial_ends.is_some() { period.end } else { period.start };
        return (Some(period), Some(anchor));
    }
    let begins = quote.trial_ends.is_none() && quote.period.is_some_and(|period| period.start == grant.since);
    let runs =
        quote.kind == QuoteKind::Upgrade && hold.subscription.as_ref().and_then(|held| held.period) == quote.period;
    let begins = begins && !runs;
    let price = plan.prices.iter().find(|price| Some(price.id) == quote.price_id);
    match price.and_then(|price| Anchored::starting(hold.now, price.interval)) {
        Some(first) if begins => (Some(first.period), Some(first.anchor)),
        _ => (quote.period, quote.anchor),
    }
}
