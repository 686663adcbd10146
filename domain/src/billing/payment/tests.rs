//! What is learned of a payment, in any order and however often.

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::billing::subscription::tests::epoch;

fn usd(amount: i64) -> Money {
    Money::new(amount, Currency::parse("usd").unwrap()).unwrap()
}

fn payment() -> Payment {
    Payment::new(Uuid::nil().into(), usd(1000))
}

fn at(seconds: i64) -> Timestamp {
    epoch() + TimeDelta::seconds(seconds)
}

fn after(facts: &[(Fact, i64)]) -> Payment {
    facts.iter().fold(payment(), |payment, (fact, when)| payment.learn(*fact, at(*when)).unwrap())
}

fn paid() -> Fact {
    Fact::Succeeded { amount: usd(1000) }
}

#[test]
fn a_late_pending_never_downgrades() {
    assert_eq!(after(&[(paid(), 1), (Fact::Pending, 2)]).state(), State::Succeeded { at: at(1) });
    assert_eq!(after(&[(Fact::Failed, 1), (Fact::Pending, 2)]).state(), State::Failed { at: at(1) });
}

#[test]
fn a_card_that_works_at_the_second_attempt_has_paid() {
    for facts in [[(Fact::Failed, 1), (paid(), 2)], [(paid(), 2), (Fact::Failed, 1)], [(Fact::Expired, 1), (paid(), 2)]]
    {
        assert_eq!(after(&facts).state(), State::Succeeded { at: at(2) });
    }
}

#[test]
fn refunds_are_totals() {
    let refund = |total| Fact::Refunded { total: usd(total) };
    let part = after(&[(refund(300), 2), (paid(), 1)]);
    assert_eq!(part.state(), State::PartiallyRefunded { at: at(2), refunded: usd(300) });
    assert_eq!((part.refundable(), part.refund(usd(700)).unwrap()), (usd(700), usd(1000)));
    assert!(part.refund(usd(701)).is_err() && part.refund(usd(0)).is_err());
    let whole = after(&[(refund(1000), 3), (refund(300), 2), (paid(), 1)]);
    assert_eq!((whole.state(), whole.refundable()), (State::Refunded { at: at(3) }, usd(0)));
    assert!(!whole.state().is_paid());
    assert_eq!(after(&[(Fact::Pending, 0)]).refundable(), usd(0));
}

#[test]
fn disputes_are_won_or_lost() {
    let open = after(&[(paid(), 1), (Fact::Disputed, 2)]);
    assert_eq!((open.state(), open.refundable()), (State::Disputed { at: at(2) }, usd(0)));
    let won = after(&[(Fact::DisputeWon, 3), (paid(), 1), (Fact::Disputed, 2)]);
    assert_eq!(won.state(), State::Succeeded { at: at(1) });
    let lost = after(&[(Fact::DisputeLost, 3), (paid(), 1), (Fact::Disputed, 2)]);
    assert_eq!((lost.state(), lost.refunded()), (State::ChargedBack { at: at(3) }, usd(1000)));
}

#[test]
fn another_amount_or_currency_grants_nothing() {
    let short = after(&[(Fact::Succeeded { amount: usd(999) }, 1)]);
    assert_eq!(short.state(), State::Differs { at: at(1), received: usd(999) });
    assert!(!short.state().is_paid());
    let yen = Money::new(1000, Currency::parse("jpy").unwrap()).unwrap();
    assert!(payment().learn(Fact::Succeeded { amount: yen }, at(1)).is_err());
}

fn fact() -> impl Strategy<Value = (Fact, i64)> {
    let kind = prop_oneof![
        Just(Fact::Pending),
        prop::sample::select(vec![1000, 1000, 1000, 999, 1500]).prop_map(|n| Fact::Succeeded { amount: usd(n) }),
        Just(Fact::Failed),
        Just(Fact::Expired),
        (0_i64..1200).prop_map(|n| Fact::Refunded { total: usd(n) }),
        Just(Fact::Disputed),
        Just(Fact::DisputeWon),
        Just(Fact::DisputeLost),
    ];
    (kind, 0_i64..1000)
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        (facts, shuffled) in prop::collection::vec(fact(), 0..10).prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(&facts).copied().collect();
            (Just(facts), Just(twice).prop_shuffle())
        }),
    ) {
        let (once, twice) = (after(&facts), after(&shuffled));
        prop_assert_eq!(once, twice);
        prop_assert_eq!(once.state(), twice.state());
        let text = serde_json::to_string(&once).unwrap();
        prop_assert_eq!(serde_json::from_str::<Payment>(&text).unwrap(), once);
        prop_assert_eq!(Status::parse(once.state().status().as_str()), Some(once.state().status()));
    }

    #[test]
    fn no_more_goes_back_than_came(facts in prop::collection::vec(fact(), 0..12), part in 0_i64..2000) {
        let payment = after(&facts);
        let received = payment.received().amount();
        prop_assert!(payment.refunded().amount() + payment.refundable().amount() <= received);
        if let Ok(total) = payment.refund(usd(part)) {
            prop_assert!(total.amount() <= received);
            prop_assert_eq!(total.amount(), payment.refunded().amount() + part);
        }
    }

    #[test]
    fn money_that_came_is_never_forgotten(facts in prop::collection::vec(fact(), 0..12)) {
        let harmless = |fact: &Fact| matches!(fact, Fact::Pending | Fact::Failed | Fact::Expired);
        let facts: Vec<_> = facts.into_iter().filter(|(fact, _)| harmless(fact)).chain([(paid(), 5)]).collect();
        prop_assert_eq!(after(&facts).state(), State::Succeeded { at: at(5) });
    }
}
