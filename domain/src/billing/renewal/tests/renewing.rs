//! What is invoiced, charged, waited for and ended, day by day.

use super::*;
use crate::billing::{
    coupon::{BasisPoints, Duration, Off, tests::discount},
    subscription::Status,
};

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
fn a_charge_that_failed_is_not_tried_again_beside_a_transfer() {
    let mut world = World::active(Collection::Method);
    world.failing = true; // hours 700 to 799 fail, the period ends at hour 720
    world.run(day(30));
    world.awaited = Some(hour(764));
    assert_eq!(world.due(hour(763)), Due::Nothing { until: Some(hour(764)) });
    let Due::Now { at, step: Step::Charge { attempt, .. } } = world.due(day(99)) else { panic!("it is tried again") };
    assert_eq!((at, attempt), (hour(764), 2));
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
