//! Each kind of quote, what the digest says, and that every quote adds up.

use proptest::prelude::*;

use super::*;
use crate::{
    Currency,
    billing::{
        amount::tests::{currency, money_in},
        coupon::{
            BasisPoints, Duration, Off,
            tests::{discount, duration, off},
        },
        cycle::tests::any_moment,
        price::Interval,
        quote::Seen,
        rank::tests::{price, tier},
    },
};

fn usd(amount: i64) -> Money {
    Money::new(amount, Currency::parse("usd").unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn ask(wanted: Tier<'_>) -> Ask<'_> {
    Ask { now: at("2026-04-01"), wanted, trial: None, discount: None, balance: usd(0), pays_now: true }
}

fn paid(start: &str, interval: Interval, worth: Money) -> Standing {
    let first = Anchored::starting(at(start), interval).unwrap();
    Standing::Paid { period: first.period, anchor: first.anchor, worth }
}

fn lines(quote: &Quote) -> Vec<(LineKind, i64)> {
    quote.lines.iter().map(|line| (line.kind, line.amount.amount())).collect()
}

#[test]
fn a_new_subscription_pays_its_first_period() {
    let monthly = price(1, usd(999), Interval::Month);
    let quote = Quote::for_new(&ask(tier(1, Some(&monthly)))).unwrap();
    assert_eq!((quote.kind, quote.due, lines(&quote)), (QuoteKind::New, usd(999), vec![(LineKind::Plan, 999)]));
    assert_eq!(quote.next, Some((at("2026-05-01"), usd(999))));
    assert_eq!(quote.anchor, Some(at("2026-04-01")));
    assert!(!quote.needs_no_checkout());
}

#[test]
fn what_costs_nothing_is_free() {
    let zero = price(1, usd(0), Interval::Month);
    for wanted in [tier(1, None), tier(1, Some(&zero))] {
        let quote = Quote::for_new(&ask(wanted)).unwrap();
        assert_eq!((quote.kind, quote.due, quote.period, quote.next), (QuoteKind::Free, usd(0), None, None));
        assert!(quote.needs_no_checkout());
    }
}

#[test]
fn a_trial_costs_nothing_today() {
    let monthly = crate::billing::price::Price { trial_days: Some(14), ..price(1, usd(999), Interval::Month) };
    let wanted = ask(tier(1, Some(&monthly)));
    let with = Quote::for_new(&Ask { trial: Some(TrialKind::WithMethod), ..wanted }).unwrap();
    assert_eq!((with.kind, with.due, with.trial_ends), (QuoteKind::Trial, usd(0), Some(at("2026-04-15"))));
    assert_eq!(with.scheduled.unwrap().at, at("2026-04-15"));
    assert_eq!(with.next, Some((at("2026-04-15"), usd(999))));
    assert!(with.takes_method && !with.needs_no_checkout());
    let without = Quote::for_new(&Ask { trial: Some(TrialKind::WithoutMethod), ..wanted }).unwrap();
    assert!(without.needs_no_checkout());
    assert_eq!(without.scheduled, with.scheduled, "an invoice asks for what follows");
    assert_eq!(Quote::for_new(&wanted).unwrap().due, usd(999));

    let held = Held {
        tier: tier(1, Some(&monthly)),
        standing: Standing::Trial { ends_at: at("2026-04-15"), kind: TrialKind::WithMethod },
    };
    let higher = price(2, usd(2999), Interval::Year);
    let quote = Quote::for_change(&ask(tier(2, Some(&higher))), &held).unwrap();
    assert_eq!((quote.due, quote.next), (usd(0), Some((at("2026-04-15"), usd(2999)))));
    let for_good = price(3, usd(9999), Interval::OneTime);
    let quote = Quote::for_change(&ask(tier(3, Some(&for_good))), &held).unwrap();
    assert_eq!((quote.kind, quote.due, quote.period), (QuoteKind::OneTime, usd(9999), None));
}

#[test]
fn an_upgrade_within_the_interval_pays_the_difference() {
    let (low, high) = (price(1, usd(1000), Interval::Month), price(2, usd(3000), Interval::Month));
    let standing = paid("2026-04-01", Interval::Month, usd(1000));
    let held = Held { tier: tier(1, Some(&low)), standing };
    let half = Ask { now: at("2026-04-16"), ..ask(tier(2, Some(&high))) };
    let quote = Quote::for_change(&half, &held).unwrap();
    assert_eq!(lines(&quote), [(LineKind::UnusedTime, -500), (LineKind::RemainingTime, 1500)]);
    assert_eq!((quote.kind, quote.due), (QuoteKind::Upgrade, usd(1000)));
    assert_eq!(quote.anchor, Some(at("2026-04-01")));
    assert_eq!(quote.next, Some((at("2026-05-01"), usd(3000))));
}

#[test]
fn an_upgrade_to_another_interval_starts_a_period() {
    let (low, high) = (price(1, usd(1000), Interval::Month), price(2, usd(30_000), Interval::Year));
    let held = Held { tier: tier(1, Some(&low)), standing: paid("2026-04-01", Interval::Month, usd(1000)) };
    let now = Ask { now: at("2026-04-16"), balance: usd(700), ..ask(tier(2, Some(&high))) };
    let quote = Quote::for_change(&now, &held).unwrap();
    let expected = [(LineKind::UnusedTime, -500), (LineKind::Plan, 30_000), (LineKind::Credit, -700)];
    assert_eq!(lines(&quote), expected);
    assert_eq!((quote.due, quote.anchor, quote.credit_left), (usd(28_800), Some(at("2026-04-16")), usd(0)));
    assert_eq!(quote.next, Some((at("2027-04-16"), usd(30_000))));
}

#[test]
fn what_comes_back_and_is_not_needed_becomes_credit() {
    let (low, high) = (price(1, usd(120_000), Interval::Year), price(2, usd(11_000), Interval::Month));
    let held = Held { tier: tier(1, Some(&low)), standing: paid("2026-04-01", Interval::Year, usd(120_000)) };
    let quote = Quote::for_change(&ask(tier(2, Some(&high))), &held).unwrap();
    assert_eq!((quote.due, quote.credit_added, quote.credit_left), (usd(0), usd(109_000), usd(109_000)));
    assert_eq!(quote.next.unwrap().1, usd(0));
}

#[test]
fn credit_that_does_not_pay_now_pays_next() {
    let monthly = price(1, usd(1000), Interval::Month);
    let asked = Ask { balance: usd(1300), pays_now: false, ..ask(tier(1, Some(&monthly))) };
    let quote = Quote::for_new(&asked).unwrap();
    assert_eq!((quote.due, quote.credit_used, quote.credit_left), (usd(1000), usd(0), usd(1300)));
    assert_eq!(quote.next.unwrap().1, usd(0));
    let now = Quote::for_new(&Ask { pays_now: true, ..asked }).unwrap();
    assert_eq!((now.due, now.credit_left, now.next.unwrap().1), (usd(0), usd(300), usd(700)));
}

#[test]
fn another_currency_comes_back_in_its_own() {
    let yen = Money::new(900, Currency::parse("jpy").unwrap()).unwrap();
    let (low, high) = (price(1, yen, Interval::Month), price(2, usd(1000), Interval::Month));
    let held = Held { tier: tier(1, Some(&low)), standing: paid("2026-04-01", Interval::Month, yen) };
    let now = Ask { now: at("2026-04-16"), ..ask(tier(2, Some(&high))) };
    let quote = Quote::for_change(&now, &held).unwrap();
    assert_eq!((quote.due, quote.foreign_credit.unwrap().amount()), (usd(1000), 450));
}

#[test]
fn a_downgrade_waits_for_the_end_of_the_period() {
    let (low, high) = (price(1, usd(1000), Interval::Month), price(2, usd(3000), Interval::Month));
    let held = Held { tier: tier(2, Some(&high)), standing: paid("2026-04-01", Interval::Month, usd(3000)) };
    let quote = Quote::for_change(&ask(tier(1, Some(&low))), &held).unwrap();
    assert_eq!((quote.kind, quote.due, quote.lines.len()), (QuoteKind::Downgrade, usd(0), 0));
    let scheduled = quote.scheduled.unwrap();
    assert_eq!((scheduled.at, scheduled.price_id), (at("2026-05-01"), Some(low.id)));
    assert_eq!(quote.next, Some((at("2026-05-01"), usd(1000))));
    let free = Quote::for_change(&ask(tier(0, None)), &held).unwrap();
    assert_eq!((free.scheduled.unwrap().price_id, free.next), (None, None));
}

#[test]
fn it_refuses_no_change_and_periods_that_are_over() {
    let monthly = price(1, usd(1000), Interval::Month);
    let held = Held { tier: tier(1, Some(&monthly)), standing: paid("2026-03-01", Interval::Month, usd(1000)) };
    assert_eq!(Quote::for_change(&ask(held.tier), &held), Err(QuoteError::Unchanged));
    assert_eq!(Quote::for_change(&ask(tier(2, None)), &held), Err(QuoteError::PeriodOver));
}

#[test]
fn a_discount_holds_until_it_is_used_up() {
    let monthly = price(1, usd(1000), Interval::Month);
    let half = discount(Off::Percent(BasisPoints::parse(5000).unwrap()), Duration::Months(2));
    let first = Quote::for_new(&Ask { discount: Some(&half), ..ask(tier(1, Some(&monthly))) }).unwrap();
    assert_eq!((first.due, first.next.unwrap().1), (usd(500), usd(500)));
    let left = first.discount.unwrap();
    let next = Anchored::following(first.anchor.unwrap(), Interval::Month, first.period.unwrap().end).unwrap();
    let asked = Ask { discount: Some(&left), ..ask(tier(1, Some(&monthly))) };
    let second = Quote::for_renewal(&asked, next).unwrap();
    assert_eq!((second.kind, second.due, second.next.unwrap().1), (QuoteKind::Renewal, usd(500), usd(1000)));
    assert_eq!(second.discount, None);
    let other = Discount { plans: vec![uuid::Uuid::max().into()], ..half };
    let rests = Quote::for_new(&Ask { discount: Some(&other), ..ask(tier(1, Some(&monthly))) }).unwrap();
    assert_eq!((rests.due, rests.coupon, rests.discount), (usd(1000), None, Some(other)));
}

#[test]
fn the_digest_says_the_money_and_the_day() {
    let monthly = price(1, usd(999), Interval::Month);
    let asked = ask(tier(1, Some(&monthly)));
    let digest = |ask: &Ask| Quote::for_new(ask).unwrap().digest();
    let later = Ask { now: asked.now + TimeDelta::minutes(20), ..asked };
    assert_eq!(digest(&asked), digest(&later));
    assert_ne!(digest(&asked), digest(&Ask { now: at("2026-04-02"), ..asked }));
    assert_ne!(digest(&asked), digest(&Ask { balance: usd(1), ..asked }));
}

#[test]
fn sums_that_run_by_the_second_are_agreed_to_for_a_while() {
    let idr = |rupiah: i64| Money::new(rupiah * 100, Currency::parse("idr").unwrap()).unwrap();
    let (low, high) = (price(1, idr(1_200_000), Interval::Year), price(2, idr(110_000), Interval::Month));
    let held = Held { tier: tier(1, Some(&low)), standing: paid("2026-04-01", Interval::Year, idr(1_200_000)) };
    let asked = Ask { now: at("2026-04-16"), balance: idr(0), ..ask(tier(2, Some(&high))) };
    let quote = |now| Quote::for_change(&Ask { now, ..asked }, &held).unwrap();
    let shown = quote(asked.now);
    let seen = |quote: &Quote| Seen::parse(&quote.seen(asked.now).to_string());
    let minute = asked.now + TimeDelta::minutes(1);
    let moved = quote(minute);
    assert_eq!((moved.kind, moved.due), (QuoteKind::Upgrade, idr(0)));
    assert_ne!(moved.digest(), shown.digest());
    assert_eq!(seen(&shown), shown.seen(asked.now));
    assert!(moved.is_still(&seen(&shown), minute));
    let undated = [shown.digest(), format!("{}@soon", shown.digest())].map(|text| Seen::parse(&text));
    assert!(undated.iter().all(|seen| shown.is_still(seen, minute) && !moved.is_still(seen, minute)));
    let late = asked.now + TimeDelta::minutes(15);
    assert!(!quote(late).is_still(&seen(&shown), late));
    assert!(!moved.is_still(&seen(&shown), asked.now - TimeDelta::seconds(1)), "nobody has seen it yet");
    let (day, next) = shown.next.unwrap();
    for other in [
        Quote { kind: QuoteKind::New, ..shown.clone() },
        Quote { plan_id: low.plan_id, ..shown.clone() },
        Quote { price_id: Some(low.id), ..shown.clone() },
        Quote { due: idr(1), ..shown.clone() },
        Quote { lines: vec![], ..shown.clone() },
        Quote { next: Some((day + TimeDelta::days(1), next)), ..shown.clone() },
        Quote { next: None, ..shown.clone() },
    ] {
        assert!(!moved.is_still(&seen(&other), minute), "{other:?}");
    }

    // The checkout shows what is due once more; what does not run is agreed to as it is.
    let dear = Ask { now: minute, balance: idr(0), ..ask(tier(3, Some(&low))) };
    let due = Quote::for_new(&dear).unwrap();
    assert!(due.is_still(&seen(&Quote { due: idr(1), ..due.clone() }), minute));
    let free = Quote::for_new(&ask(tier(1, None))).unwrap();
    assert!(!free.is_still(&seen(&Quote { credit_added: usd(1), ..free.clone() }), minute));
}

fn interval() -> impl Strategy<Value = Interval> {
    prop::sample::select(vec![Interval::Month, Interval::Year, Interval::OneTime])
}

proptest! {
    #[test]
    fn every_quote_adds_up(
        (from, to, balance) in currency().prop_flat_map(|c| {
            let money = || money_in(c, 100_000_000);
            (money(), money(), money())
        }),
        (one, two) in (interval(), interval()),
        start in any_moment(),
        seconds in 0_i64..2_400_000,
        coupon in prop::option::of((off(), duration())),
        worth in 0_i64..=100,
        pays_now in any::<bool>(),
    ) {
        let (low, high) = (price(1, from, one), price(2, to, two));
        let coupon = coupon.map(|(off, remaining)| discount(off, remaining));
        let now = start + TimeDelta::seconds(seconds);
        let worth = Amount::from(from).share(worth, 100).above_zero();
        let ask = Ask { now, wanted: tier(2, Some(&high)), trial: None, discount: coupon.as_ref(), balance, pays_now };
        let standing = match Anchored::starting(start, one) {
            Some(first) => Standing::Paid { period: first.period, anchor: first.anchor, worth },
            None => Standing::Unbilled,
        };
        let current = Anchored::starting(start, Interval::Month).unwrap();
        let held = Held { tier: tier(1, Some(&low)), standing };
        for quote in [Quote::for_new(&ask), Quote::for_change(&ask, &held), Quote::for_renewal(&ask, current)] {
            let quote = quote.unwrap();
            let sum = Amount::sum(quote.currency(), quote.lines.iter().map(|line| line.amount));
            prop_assert_eq!(sum, Amount::from(quote.due).minus(quote.credit_added.into()));
            let left = Amount::from(balance).minus(quote.credit_used.into()).unwrap();
            prop_assert_eq!(left.plus(quote.credit_added.into()), Ok(quote.credit_left.into()));
            prop_assert!(quote.due.is_zero() || quote.credit_added.is_zero());
            prop_assert!(quote.credit_added.amount() <= worth.amount());
            prop_assert!(quote.next.is_none_or(|(at, _)| at > now));
            let text = serde_json::to_string(&quote).unwrap();
            prop_assert_eq!(serde_json::from_str::<Quote>(&text).unwrap(), quote);
        }
    }

    /// Within an interval, an upgrade costs the rest of the new price less the rest of the old one, both discounted.
    #[test]
    fn a_discount_holds_for_the_rest_of_the_period(
        (a, b) in (1_i64..100_000, 1_i64..100_000), points in 1_i64..=10_000, seconds in 0_i64..2_400_000,
    ) {
        let (low, high) = (price(1, usd(a), Interval::Month), price(2, usd(a + b), Interval::Month));
        let off = discount(Off::Percent(BasisPoints::parse(points).unwrap()), Duration::Forever);
        let net = |money: Money| Amount::from(money).minus(off.discount_of(money)).unwrap();
        let first = Anchored::starting(at("2026-04-01"), Interval::Month).unwrap();
        let worth = net(low.money).above_zero();
        let standing = Standing::Paid { period: first.period, anchor: first.anchor, worth };
        let held = Held { tier: tier(1, Some(&low)), standing };
        let now = at("2026-04-01") + TimeDelta::seconds(seconds);
        let quote = Quote::for_change(&Ask { now, discount: Some(&off), ..ask(tier(2, Some(&high))) }, &held).unwrap();
        let rest = |amount| split(amount, first.period, now).unused;
        let expected = rest(net(high.money)).minus(rest(net(low.money))).unwrap();
        prop_assert_eq!(Amount::from(quote.due).minus(quote.credit_added.into()), Ok(expected));
    }

    /// Going up once, or up and up again in the same second, costs the same.
    #[test]
    fn a_detour_costs_nothing(
        (a, b, c) in (1_i64..100_000, 1_i64..100_000, 1_i64..100_000), start in any_moment(), seconds in 0_i64..2_400_000,
    ) {
        let (a, b, c) = (a, a + b, a + b + c);
        let prices = [price(1, usd(a), Interval::Month), price(2, usd(b), Interval::Month), price(3, usd(c), Interval::Month)];
        let now = start + TimeDelta::seconds(seconds);
        let first = Anchored::starting(start, Interval::Month).unwrap();
        let change = |from: usize, to: usize| {
            let worth = prices[from].money;
            let standing = Standing::Paid { period: first.period, anchor: first.anchor, worth };
            let held = Held { tier: tier(from as u128 + 1, Some(&prices[from])), standing };
            let ask = Ask { now, ..ask(tier(to as u128 + 1, Some(&prices[to]))) };
            Quote::for_change(&ask, &held).unwrap().due.amount()
        };
        prop_assert_eq!(change(0, 2), change(0, 1) + change(1, 2));
    }
}
