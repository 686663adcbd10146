//! Charges for the next period that fail, are refused, or go unheard.

use chrono::TimeDelta;
use domain::{
    Secret,
    application::Provider,
    billing::{
        payment::Status as PaymentStatus,
        subscription::{State, Status},
    },
};
use service::{
    payment::keys::NewKeys,
    testing::{books, fault::Fault, midtrans::Means},
};

use super::{KEY, bazaar, good_card, idr};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_wallet_is_tried_again() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (_, account) = bazaar.fake.transactions()[0].account.clone().unwrap();
    bazaar.fake.set_balance(&account, 0);
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now()).await;
    assert!(matches!(bazaar.held(member).await.state, State::PastDue { .. }));
    assert_eq!(bazaar.plan(member).await, "pro", "grace");
    bazaar.fake.set_balance(&account, 99_000);
    bazaar.pass(TimeDelta::days(1)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let seen = bazaar.payments(member).await;
    let statuses: Vec<_> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_news_of_a_failed_charge_leaves_the_next_one_alone() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (_, account) = bazaar.fake.transactions()[0].account.clone().unwrap();
    bazaar.fake.set_balance(&account, 0);
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now()).await;
    let told = bazaar.fake.notifications();
    bazaar.fake.set_balance(&account, 99_000);
    // The next attempt is under way, and nobody knows what became of it.
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.pass(TimeDelta::days(1)).await;
    bazaar.post(&told).await;
    bazaar.pass(TimeDelta::minutes(2)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let seen = bazaar.payments(member).await;
    let statuses: Vec<_> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_nobody_can_ask_about_falls_behind() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, good_card());
    bazaar.deliver().await;
    let end = bazaar.held(member).await.period.unwrap().end;
    // A charge is under way, and the keys are gone.
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.pass(end - bazaar.services().now()).await;
    let (services, application) = (bazaar.services(), bazaar.shop.application);
    services.payment_keys().remove(&operator(), application, Provider::Midtrans).await.unwrap();
    bazaar.pass(TimeDelta::days(6)).await;
    assert_eq!(bazaar.held(member).await.state, State::Active, "they may come back");
    bazaar.pass(TimeDelta::days(2)).await;
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue);
    assert_eq!(bazaar.plan(member).await, "pro", "grace");
    let drift = "SELECT count(*) FROM alerts WHERE kind = 'drift' AND resolved_at IS NULL";
    assert_eq!(bazaar.count(drift).await, 1);

    // The keys are back: the same charge is asked for again before the grace is over.
    let keys = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
    services.payment_keys().set(&operator(), application, Provider::Midtrans, keys).await.unwrap();
    bazaar.pass(TimeDelta::days(7)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 2]);
    assert_eq!(bazaar.fake.transactions().len(), 2);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_is_refused_for_ever_has_failed() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, good_card());
    bazaar.deliver().await;
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.fake.fail_next("/v2/charge", Fault::Refused);
    bazaar.pass(end - bazaar.services().now()).await;
    for _ in 0..2 {
        assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "until it is tried again");
        assert_eq!(bazaar.plan(member).await, "pro", "grace");
        bazaar.pass(TimeDelta::hours(11)).await;
    }
    bazaar.pass(TimeDelta::hours(2)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let statuses: Vec<_> = bazaar.payments(member).await.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
    assert_eq!(books::audit(bazaar.services()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_nothing_of_what_was_asked_for_unheard() {
    let (down, refused) = (Fault::Unavailable, Fault::Refused);
    // The call or its repetition goes unheard, and is refused afterwards.
    for faults in [vec![down, refused], vec![down, down, refused], vec![down, down, refused, refused]] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, good_card());
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        for fault in &faults {
            bazaar.fake.fail_next("/v2/charge", *fault);
        }
        bazaar.pass(end - bazaar.services().now()).await;
        if faults.len() > 2 {
            bazaar.pass(TimeDelta::minutes(2)).await;
        }
        assert_eq!(bazaar.held(member).await.state, State::Active, "it may have been charged: {faults:?}");
        if faults.len() > 3 {
            bazaar.pass(TimeDelta::days(8)).await;
            assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "not for ever");
            assert_eq!(bazaar.plan(member).await, "pro", "grace");
            bazaar.pass(TimeDelta::days(1)).await;
        }
        bazaar.pass(TimeDelta::minutes(2)).await;
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "{faults:?}");
        assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 2], "{faults:?}");
        assert_eq!(books::audit(bazaar.services()).await.unwrap(), Vec::<String>::new(), "{faults:?}");
    }
}
