//! A small world around the engine: it does what each step says, and a script says what people and banks do.

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::billing::{
    amount::Amount,
    coupon::{BasisPoints, Duration, Off, tests::discount},
    invoice::{Attempts, Event as InvoiceEvent, InvoiceNumber},
    price::{Interval, Price},
    rank::tests::{price, tier},
    subscription::{
        Event, Status,
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

#[test]
fn a_card_renews_every_month() {
    let mut world = World::active(Collection::Method);
    world.run(day(95));
    assert_eq!(world.names(), ["invoiced", "charged", "advanced"].repeat(3));
    assert_eq!(world.paid.len(), 3);
    assert_eq!(world.subscription.period.unwrap().end, "2027-03-21T00:00:00Z".parse::<Timestamp>().unwrap());
}

#[test]
fn a_trial_with_a_card_turns_paid_and_one_without_ends() {
    let mut paid = World::trial(Collection::Method, true);
    paid.run(day(15));
    assert_eq!(paid.names(), ["changed", "invoiced", "charged", "advanced"]);
    assert_eq!(paid.subscription.period.unwrap().start, day(14));
    let mut over = World::trial(Collection::Link, false);
    over.run(day(60));
    assert_eq!(over.log, [(day(14), "trial over")]);
}

#[test]
fn a_declined_card_is_tried_again_and_recovers() {
    let mut world = World::trial(Collection::Method, true);
    world.failing = true; // hours 300 to 399 fail, the trial ends at hour 336
    world.run(day(14));
    assert_eq!(world.subscription.state, State::PastDue { since: day(14), grace_until: day(21) });
    assert!(world.subscription.gives_features(day(14)));
    world.run(day(20));
    assert_eq!(world.names(), ["changed", "invoiced", "declined", "declined", "charged", "advanced"]);
    assert_eq!((world.subscription.state, world.paid.len()), (State::Active, 1));
}

#[test]
fn a_link_is_reminded_of_and_ends_with_the_grace() {
    let mut world = World::active(Collection::Link);
    world.run(day(60));
    let end = 30;
    let expected = [
        (day(end - 3), "invoiced"),
        (day(end - 3), "reminded"),
        (day(end), "behind"),
        (day(end), "reminded"),
        (day(end + 3), "reminded"),
        (day(end + 6), "reminded"),
        (day(end + 7), "grace over"),
    ];
    assert_eq!(world.log, expected);
    assert!(matches!(world.invoice.unwrap().state, InvoiceState::Uncollectible { .. }));
}

#[test]
fn a_link_paid_early_waits_for_its_period_and_paid_late_recovers() {
    let mut world = World::active(Collection::Link);
    world.act(day(28), Act::PayLink);
    world.run(day(29));
    assert_eq!(world.subscription.period.unwrap().start, epoch());
    world.run(day(30));
    assert_eq!(world.subscription.period.unwrap().start, day(30));
    world.act(day(63), Act::PayLink);
    assert_eq!(world.subscription.state.status(), Status::PastDue);
    world.run(day(63));
    assert_eq!(world.subscription.state.status(), Status::Active);
    assert_eq!(world.paid.iter().map(|paid| paid.0).collect::<Vec<_>>(), [day(30), day(61)]);
}

#[test]
fn what_is_canceled_is_not_invoiced() {
    let mut world = World::active(Collection::Link);
    world.act(day(1), Act::Cancel);
    world.run(day(90));
    assert_eq!(world.log, [(day(30), "canceled")]);
}

#[test]
fn a_scheduled_plan_is_what_the_next_invoice_asks_for() {
    let mut world = World::active(Collection::Link);
    world.act(day(1), Act::Downgrade);
    world.run(day(28));
    assert_eq!(world.invoice.as_ref().unwrap().quote.due, usd(500));
    let mut yearly = World::active(Collection::Method);
    yearly.act(day(1), Act::ToYearly);
    yearly.run(day(31));
    assert_eq!((yearly.paid, yearly.anchor), (vec![(day(30), 9000)], Some(epoch() + TimeDelta::days(30))));
    let mut free = World::active(Collection::Method);
    free.act(day(1), Act::ToFree);
    free.run(day(400));
    assert_eq!((free.log, free.subscription.period), (vec![(day(30), "changed")], None));
}

#[test]
fn credit_and_discounts_pay_first() {
    let mut world = World::active(Collection::Method);
    world.balance = world.balance.append(usd(1200).into()).unwrap();
    world.discount = Some(discount(Off::Percent(BasisPoints::parse(5000).unwrap()), Duration::Months(2)));
    world.run(day(95));
    let paid: Vec<_> = world.paid.iter().map(|paid| paid.1).collect();
    assert_eq!(paid, [0, 0, 800]);
    assert_eq!(world.discount, None);
}

#[test]
fn a_charge_that_is_under_way_is_waited_for() {
    let mut world = World::active(Collection::Method);
    let Due::Now { at, step } = world.due(day(30)) else { panic!("the invoice is due") };
    world.step(at, step);
    let attempts = &mut world.invoice.as_mut().unwrap().attempts;
    *attempts = attempts.start();
    assert_eq!(world.due(day(99)), Due::Nothing { until: None });
    assert!(world.subscription.gives_features(day(99)));
    let attempts = &mut world.invoice.as_mut().unwrap().attempts;
    *attempts = attempts.fail(day(31));
    let due = Due::Now { at: day(31), step: Step::FallBehind { since: day(31), grace_until: day(38) } };
    assert_eq!(world.due(day(99)), due);
}

#[test]
fn the_provider_renews_by_itself() {
    let mut world = World::active(Collection::Provider);
    world.run(day(36));
    assert!(world.log.is_empty());
    let Due::Nothing { until } = world.due(day(36)) else { panic!("there is nothing to do") };
    assert_eq!(until, Some(day(37)), "it is asked after the grace");
    // It has told in time: the period is another one.
    world.subscription.period = Some(Period { start: day(30), end: day(61) });
    world.run(day(67));
    assert!(world.log.is_empty());
}

#[test]
fn a_provider_that_says_nothing_renews_nothing() {
    let mut world = World::active(Collection::Provider);
    world.run(day(37));
    assert_eq!(world.subscription.state, State::PastDue { since: day(37), grace_until: day(44) });
    assert!(world.subscription.gives_features(day(43)));
    world.run(day(90));
    assert_eq!(world.log, [(day(37), "silent"), (day(44), "grace over")]);
    // Whatever the grace is, a provider has the time that it needs.
    let mut strict = World { grace_days: 0, ..World::active(Collection::Provider) };
    strict.run(day(90));
    assert_eq!(strict.log, [(day(33), "silent"), (day(36), "grace over")]);
    // What ends or pauses anyway is not asked about.
    let mut canceled = World::active(Collection::Provider);
    canceled.act(day(1), Act::Cancel);
    canceled.run(day(90));
    assert_eq!(canceled.log, [(day(30), "canceled")]);
}

#[test]
fn what_nobody_bills_goes_on() {
    let mut world = World::active(Collection::Nobody);
    world.run(day(90));
    assert!(world.log.is_empty());
}

fn act() -> impl Strategy<Value = Act> {
    prop::sample::select(vec![
        Act::Cancel,
        Act::Undo,
        Act::Downgrade,
        Act::ToYearly,
        Act::ToFree,
        Act::Pause,
        Act::Resume,
        Act::PayLink,
        Act::PayLink,
        Act::SaveMethod,
        Act::RemoveMethod,
    ])
}

const HOURS: i64 = 24 * 200;

fn world() -> impl Strategy<Value = World> {
    let collection = prop::sample::select(vec![Collection::Method, Collection::Link, Collection::Provider]);
    (collection, 0..3_u8, any::<bool>(), 0_u8..10, 0_i64..3000).prop_map(
        |(collection, start, failing, grace, credit)| {
            let mut world = match start {
                0 => World::active(collection),
                start => World::trial(collection, start == 1),
            };
            world.balance = Balance::default().append(usd(credit).into()).unwrap();
            World { failing, grace_days: grace, ..world }
        },
    )
}

fn played(mut world: World, acts: &[(i64, Act)], mut stops: Vec<i64>) -> World {
    stops.push(HOURS);
    let mut acts = acts.iter().peekable();
    for stop in stops {
        while let Some((at, act)) = acts.next_if(|(at, _)| *at <= stop) {
            world.act(hour(*at), *act);
        }
        world.run(hour(stop));
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_clock_that_jumps_ends_where_one_that_ticks_ends(
        world in world(),
        mut acts in prop::collection::vec((0..HOURS, act()), 0..14),
        mut jumps in prop::collection::vec(0..HOURS, 0..6),
    ) {
        acts.sort_by_key(|(at, _)| *at);
        jumps.sort_unstable();
        let ticked = played(world.clone(), &acts, (0..HOURS).step_by(7).collect());
        let jumped = played(world, &acts, jumps);
        prop_assert_eq!(&ticked, &jumped);

        let mut periods: Vec<_> = ticked.paid.iter().map(|(start, _)| *start).collect();
        periods.sort_unstable();
        periods.dedup();
        prop_assert_eq!(periods.len(), ticked.paid.len(), "a period was charged twice");
        prop_assert!(ticked.log.len() < 200);
        prop_assert_eq!(ticked.subscription.clone().settle(hour(HOURS)), ticked.subscription);
    }
}
