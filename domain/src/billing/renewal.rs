//! What the engine has to do for a subscription, and when. Every step is dated with the moment at which it was due, so
//! that a clock that jumps over months ends where one that ticks ends.

use chrono::TimeDelta;

use super::{
    coupon::Discount,
    credit::Balance,
    cycle::Anchored,
    dunning::{Dunning, grace_until, silence},
    invoice::{Invoice, State as InvoiceState},
    quote::{Quote, QuoteError},
    quoting::Ask,
    rank::Tier,
    subscription::{Ended, Period, Scheduled, State, Subscription},
};
use crate::{Money, Timestamp, id::InvoiceId};

/// Who collects a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// The provider renews by itself and tells us; the engine only ends and changes what is due, and asks when it hears
    /// nothing.
    Provider,
    /// A saved payment method is charged when the period begins.
    Method,
    /// The user pays by a link, and is reminded of it.
    Link,
    /// Nobody bills it, so that nobody renews it.
    Nobody,
}

/// A subscription with everything that decides what comes next. Read it together, in the transaction that acts on it.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub subscription: &'a Subscription,
    /// What its periods are counted from; the end of the period where nothing else is known.
    pub anchor: Option<Timestamp>,
    /// The plan and price that it holds.
    pub current: Tier<'a>,
    /// The plan and price of [`Subscription::scheduled`]; nothing is billed beyond the change while they are missing.
    pub scheduled: Option<Tier<'a>>,
    /// The discount that the next charge takes.
    pub discount: Option<&'a Discount>,
    pub balance: &'a Balance,
    pub collection: Collection,
    /// The invoice whose period starts where the current one ends, if it was made; not one that is void.
    pub invoice: Option<&'a Invoice>,
    /// Until when its money may arrive by a transfer that was begun.
    pub awaited: Option<Timestamp>,
    pub dunning: &'a Dunning,
    /// Days of features after a failed payment.
    pub grace_days: u8,
}

/// Why a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A trial that nothing follows.
    Trial,
    /// The grace, without payment. A provider that renews by itself is asked first: it may have the money by then.
    Grace,
    /// A cancellation at the end of the period.
    Cancellation,
    /// The date that an admin or a client set.
    Expiry,
}

/// One thing to do. Each is one transaction, after which the account is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The subscription ends: write its state, give up or void its invoice.
    End { ended: Ended, cause: Cause },
    /// A scheduled change, or the end of a trial that turns paid: [`Subscription::settle`] says what it becomes.
    ApplyScheduled(Scheduled),
    /// A paid invoice's period begins: it becomes the current one, and the subscription active. `None` for a one-time
    /// price, which has none.
    Advance { invoice_id: InvoiceId, next: Option<Anchored> },
    /// Make the invoice for `period`, due at its start; use the credit and keep the discount that the quote says.
    /// What has nothing due is paid at once.
    Renew { period: Period, anchor: Timestamp, quote: Box<Quote> },
    /// Charge the payment method; `attempt` counts from 1. Record the start before the provider is asked, and a failure
    /// together with [`super::subscription::Event::PaymentFailed`].
    Charge { invoice_id: InvoiceId, attempt: u32 },
    /// Unpaid when it was due: the grace begins.
    FallBehind { since: Timestamp, grace_until: Timestamp },
    /// Remind of the open invoice, and record the moment.
    Remind { invoice_id: InvoiceId },
    /// The provider that renews it has said nothing of the period that follows for [`silence`]: ask it. What brings no
    /// news is behind from then on, with a grace as long.
    Ask,
}

/// What there is to do at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing before `until`; nothing at all without it, as long as nobody acts.
    Nothing { until: Option<Timestamp> },
    /// Do `step`, and date it `at`: perhaps long ago.
    Now { at: Timestamp, step: Step },
}

impl Account<'_> {
    /// What there is to do at `now`: the earliest step that is due. Once it is done, ask again; every step makes the
    /// next answer another one.
    ///
    /// # Errors
    /// When the renewal cannot be priced: amounts or dates out of range.
    pub fn due(&self, now: Timestamp) -> Result<Due, QuoteError> {
        Ok(match self.next()? {
            Some((at, step)) if at <= now => Due::Now { at, step },
            next => Due::Nothing { until: next.map(|(at, _)| at) },
        })
    }

    /// The next step and its moment, wherever it lies. Of one moment an end comes first, then a change, then money.
    ///
    /// # Errors
    /// As [`Self::due`].
    pub fn next(&self) -> Result<Option<(Timestamp, Step)>, QuoteError> {
        let end = self.subscription.scheduled_end();
        let end = end.map(|ended| (ended.at, Step::End { ended, cause: self.cause(ended) }));
        let change = self.subscription.scheduled_change().map(|change| (change.at, Step::ApplyScheduled(change)));
        let money = self.money()?;
        Ok(end.into_iter().chain(change).chain(money).min_by_key(|(at, _)| *at))
    }

    fn cause(&self, ended: Ended) -> Cause {
        match (ended.state, self.subscription.state) {
            (State::Canceled { .. }, _) => Cause::Cancellation,
            (_, State::Trialing { ends_at }) if ends_at == ended.at => Cause::Trial,
            (_, state) if state.grace_until() == Some(ended.at) => Cause::Grace,
            _ => Cause::Expiry,
        }
    }

    /// The next step about the period that follows; none where none follows.
    fn money(&self) -> Result<Option<(Timestamp, Step)>, QuoteError> {
        let subscription = self.subscription;
        let change = subscription.scheduled_change();
        let collects = matches!(self.collection, Collection::Method | Collection::Link);
        let goes_on = match subscription.state {
            State::Active => self.collection != Collection::Nobody,
            State::PastDue { .. } => collects,
            State::Trialing { .. } => collects && change.is_some(),
            _ => false,
        };
        let Some(current) = subscription.period.filter(|_| goes_on) else { return Ok(None) };
        let boundary = current.end;
        if subscription.scheduled_end().is_some_and(|end| end.at <= boundary) {
            return Ok(None);
        }
        if self.collection == Collection::Provider {
            return Ok(Some((grace_until(boundary, silence(self.grace_days)), Step::Ask)));
        }
        let follows =
            if change.is_some_and(|change| change.at <= boundary) { self.scheduled } else { Some(self.current) };
        let Some((tier, price)) = follows.and_then(|tier| Some((tier, tier.charged()?))) else { return Ok(None) };
        let next = Anchored::following(self.anchor.unwrap_or(boundary), price.interval, boundary);
        Ok(match self.invoice.filter(|invoice| invoice.period.start == boundary) {
            None => Some((self.invoice_at(current), self.renew(tier, price.money, boundary, next)?)),
            Some(invoice) => match invoice.state {
                InvoiceState::Open { due_at } => self.collect(invoice, due_at),
                InvoiceState::Paid { at } => {
                    let next =
                        price.interval.months().map(|_| Anchored { anchor: invoice.anchor, period: invoice.period });
                    Some((at.max(boundary), Step::Advance { invoice_id: invoice.id, next }))
                }
                InvoiceState::Void { .. } | InvoiceState::Uncollectible { .. } => None,
            },
        })
    }

    fn invoice_at(&self, current: Period) -> Timestamp {
        match self.collection {
            Collection::Link => self.dunning.invoice_at(current.end).max(current.start),
            Collection::Method | Collection::Provider | Collection::Nobody => current.end,
        }
    }

    fn renew(
        &self,
        wanted: Tier,
        price: Money,
        boundary: Timestamp,
        next: Option<Anchored>,
    ) -> Result<Step, QuoteError> {
        let for_good = Anchored { anchor: boundary, period: Period { start: boundary, end: boundary } };
        let next = next.unwrap_or(for_good);
        let balance = self.balance.available(price.currency());
        let ask = Ask { now: boundary, wanted, trial: None, discount: self.discount, balance, pays_now: true };
        let quote = Box::new(Quote::for_renewal(&ask, next)?);
        Ok(Step::Renew { period: next.period, anchor: next.anchor, quote })
    }

    /// The next step towards the money of an open invoice.
    fn collect(&self, invoice: &Invoice, due_at: Timestamp) -> Option<(Timestamp, Step)> {
        let (invoice_id, attempts) = (invoice.id, &invoice.attempts);
        let charge_at = match attempts.first_failed_at {
            _ if self.collection != Collection::Method || attempts.in_flight() => None,
            None => Some(due_at.max(invoice.created_at)),
            // What is paid otherwise meanwhile would be paid twice.
            Some(first) => {
                let again = self.dunning.next_attempt(first, attempts.failed);
                again.map(|at| self.awaited.map_or(at, |until| at.max(until)))
            }
        };
        let charge = charge_at.map(|at| (at, Step::Charge { invoice_id, attempt: attempts.started.saturating_add(1) }));

        let missed = match self.collection {
            Collection::Link if !attempts.in_flight() => Some(due_at),
            _ => attempts.first_failed_at,
        };
        let behind = missed
            .filter(|_| matches!(self.subscription.state, State::Active))
            .map(|since| (since, Step::FallBehind { since, grace_until: grace_until(since, self.grace_days) }));

        // Who is charged by itself hears of it only after that has failed.
        let from = match self.collection {
            Collection::Link => Some(invoice.created_at),
            _ => attempts.first_failed_at.and_then(|_| due_at.checked_add_signed(TimeDelta::milliseconds(1))),
        };
        let remind = from
            .and_then(|from| self.dunning.next_reminder(due_at, from.max(invoice.created_at), attempts.reminded_at))
            .map(|at| (at, Step::Remind { invoice_id }));
        charge.into_iter().chain(behind).chain(remind).min_by_key(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests;
