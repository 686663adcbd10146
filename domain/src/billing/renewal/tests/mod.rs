//! A small world around the engine: it does what each step says, and a script says what people and banks do.

mod jumping;
mod renewing;

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::billing::{
    amount::Amount,
    invoice::{Attempts, Event as InvoiceEvent, InvoiceNumber},
    price::{Interval, Price},
    rank::tests::{price, tier},
    subscription::{
        Event,
        tests::{epoch, subscription},
    },
};

fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap()).unwrap()
}

fn hour(n: i64) -> Timestamp {
    epoch() + TimeDelta::hours(n)
}

fn day(n: i64) -> Timestamp {
    hour(24 * n)
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Cancel,
    Undo,
    Downgrade,
    ToYearly,
    ToFree,
    Pause,
    Resume,
    PayLink,
    SaveMethod,
    RemoveMethod,
}

#[derive(Clone, Debug, PartialEq)]
struct World {
    prices: Vec<Price>,
    subscription: Subscription,
    anchor: Option<Timestamp>,
    discount: Option<Discount>,
    balance: Balance,
    collection: Collection,
    invoice: Option<Invoice>,
    awaited: Option<Timestamp>,
    dunning: Dunning,
    grace_days: u8,
    /// Charges fail in every other hundred hours since the epoch.
    failing: bool,
    paid: Vec<(Timestamp, i64)>,
    log: Vec<(Timestamp, &'static str)>,
}

impl World {
    /// A monthly plan of 10 dollars, held since the epoch and paid for a month.
    fn active(collection: Collection) -> Self {
        let prices = vec![
            price(2, usd(1000), Interval::Month),
            price(1, usd(500), Interval::Month),
            price(3, usd(9000), Interval::Year),
        ];
        let first = Anchored::starting(epoch(), Interval::Month).unwrap();
        let subscription = Subscription {
            plan_id: prices[0].plan_id,
            price_id: Some(prices[0].id),
            period: Some(first.period),
            ..subscription(State::Active)
        };
        Self {
            prices,
            subscription,
            anchor: Some(first.anchor),
            discount: None,
            balance: Balance::default(),
            collection,
            invoice: None,
            awaited: None,
            dunning: Dunning::default(),
            grace_days: 7,
            failing: false,
            paid: vec![],
            log: vec![],
        }
    }

    /// The same plan on a trial of 14 days.
    fn trial(collection: Collection, goes_on: bool) -> Self {
        let mut world = Self::active(collection);
        let ends_at = day(14);
        let sub = &mut world.subscription;
        sub.state = State::Trialing { ends_at };
        sub.period = Some(Period { start: epoch(), end: ends_at });
        sub.scheduled = goes_on.then_some(Scheduled { plan_id: sub.plan_id, price_id: sub.price_id, at: ends_at });
        world.anchor = Some(ends_at);
        world
    }

    fn price(&self, wanted: Option<crate::id::PriceId>) -> Option<&Price> {
        self.prices.iter().find(|price| Some(price.id) == wanted)
    }

    fn due(&self, now: Timestamp) -> Due {
        let sub = &self.subscription;
        let account = Account {
            subscription: sub,
            anchor: self.anchor,
            current: tier(1, self.price(sub.price_id)),
            scheduled: sub.scheduled.map(|change| tier(1, self.price(change.price_id))),
            discount: self.discount.as_ref(),
            balance: &self.balance,
            collection: self.collection,
            invoice: self.invoice.as_ref(),
            awaited: self.awaited,
            dunning: &self.dunning,
            grace_days: self.grace_days,
        };
        account.due(now).unwrap()
    }

    fn apply(&mut self, event: Event) {
        self.subscription.state = self.subscription.state.apply(event).unwrap();
    }

    fn pay(&mut self, at: Timestamp) {
        let invoice = self.invoice.as_mut().unwrap();
        invoice.state = invoice.state.apply(InvoiceEvent::Pay { at }).unwrap();
        self.paid.push((invoice.period.start, invoice.quote.due.amount()));
    }

    fn declines(&self, at: Timestamp) -> bool {
        self.failing && (at - epoch()).num_hours() / 100 % 2 == 1
    }

    fn step(&mut self, at: Timestamp, step: Step) {
        let name = match step {
            Step::End { ended, cause } => {
                self.subscription.state = ended.state;
                if let Some(invoice) = self.invoice.as_mut().filter(|i| matches!(i.state, InvoiceState::Open { .. })) {
                    invoice.state = invoice.state.apply(InvoiceEvent::GiveUp { at }).unwrap();
                }
                match cause {
                    Cause::Trial => "trial over",
                    Cause::Grace => "grace over",
                    Cause::Cancellation => "canceled",
                    Cause::Expiry => "expired",
                }
            }
            Step::ApplyScheduled(change) => {
                self.subscription = self.subscription.clone().settle(change.at);
                "changed"
            }
            Step::Advance { next, .. } => {
                self.invoice = None;
                self.subscription.period = next.map(|next| next.period);
                self.anchor = next.map(|next| next.anchor);
                self.apply(Event::Activate);
                "advanced"
            }
            Step::Renew { period, anchor, quote } => {
                let due = quote.due;
                self.balance = self.balance.clone().append(Amount::from(quote.credit_used).negated()).unwrap();
                self.discount = quote.discount.clone();
                self.invoice = Some(Invoice {
                    id: Uuid::from_u128(self.log.len() as u128).into(),
                    number: InvoiceNumber::parse("ACME-000001").unwrap(),
                    subscription_id: self.subscription.id,
                    period,
                    anchor,
                    quote: *quote,
                    state: InvoiceState::Open { due_at: period.start },
                    attempts: Attempts::default(),
                    created_at: at,
                });
                if due.is_zero() {
                    self.pay(at);
                }
                "invoiced"
            }
            Step::Charge { attempt, .. } => {
                let declines = self.declines(at);
                let attempts = &mut self.invoice.as_mut().unwrap().attempts;
                assert_eq!(attempt, attempts.started + 1);
                *attempts = attempts.start();
                if declines {
                    *attempts = attempts.fail(at);
                    let grace_until = grace_until(at, self.grace_days);
                    self.apply(Event::PaymentFailed { at, grace_until });
                    "declined"
                } else {
                    self.pay(at);
                    "charged"
                }
            }
            Step::FallBehind { since, grace_until } => {
                self.apply(Event::PaymentFailed { at: since, grace_until });
                "behind"
            }
            Step::Ask => {
                let grace_until = grace_until(at, silence(self.grace_days));
                self.apply(Event::PaymentFailed { at, grace_until });
                "silent"
            }
            Step::Remind { .. } => {
                let invoice = self.invoice.as_mut().unwrap();
                invoice.attempts = invoice.attempts.remind(at);
                "reminded"
            }
        };
        self.log.push((at, name));
    }

    /// Lets the engine do everything that is due at `now`.
    fn run(&mut self, now: Timestamp) {
        for _ in 0..1000 {
            match self.due(now) {
                Due::Now { at, step } => {
                    assert!(at <= now);
                    self.step(at, step);
                }
                Due::Nothing { until } => {
                    assert!(until.is_none_or(|until| until > now));
                    return;
                }
            }
        }
        panic!("the engine does not come to rest: {:?}", &self.log[self.log.len() - 9..]);
    }

    fn schedule(&mut self, wanted: Option<usize>) {
        let sub = &mut self.subscription;
        if let (Some(period), State::Active | State::PastDue { .. }) = (sub.period, sub.state)
            && self.invoice.is_none()
        {
            let price_id = wanted.map(|n| self.prices[n].id);
            sub.scheduled = Some(Scheduled { plan_id: Uuid::from_u128(1).into(), price_id, at: period.end });
        }
    }

    /// A person acts; every writer settles first.
    fn act(&mut self, at: Timestamp, act: Act) {
        self.run(at);
        let sub = &mut self.subscription;
        if sub.state.is_final() {
            return;
        }
        match act {
            Act::Cancel => {
                *sub = sub.clone().cancel_at_end(at).unwrap();
                if sub.state.is_final() {
                    self.invoice = None;
                }
            }
            Act::Undo => {
                if let Ok(undone) = sub.clone().undo(at) {
                    *sub = undone;
                }
            }
            Act::Downgrade => self.schedule(Some(1)),
            Act::ToYearly => self.schedule(Some(2)),
            Act::ToFree => self.schedule(None),
            Act::Pause => {
                if self.invoice.is_none()
                    && let Ok(paused) = sub.clone().pause(at)
                {
                    *sub = paused;
                }
            }
            Act::Resume => {
                if let Ok(resumed) = sub.clone().resume(at) {
                    self.subscription = resumed.subscription;
                    self.anchor = resumed.anchor.or(self.anchor);
                }
            }
            Act::PayLink => {
                if self.invoice.as_ref().is_some_and(|invoice| matches!(invoice.state, InvoiceState::Open { .. })) {
                    self.pay(at);
                }
            }
            Act::SaveMethod => self.collection = Collection::Method,
            Act::RemoveMethod => self.collection = Collection::Link,
        }
    }

    fn names(&self) -> Vec<&'static str> {
        self.log.iter().map(|(_, name)| *name).collect()
    }
}
