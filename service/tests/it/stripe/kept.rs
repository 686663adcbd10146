//! Cards that Stripe keeps and the engine charges: nothing that Stripe renews goes with the subscription any more.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    application::{Provider, SettingsPatch},
    billing::{
        amount::Amount,
        payment::Status as PaymentStatus,
        subscription::{State, Status},
    },
    id::UserId,
};
use service::{
    application::applications::ApplicationPatch,
    billing::orders::Destination,
    testing::{books, fault::Fault, stripe::Entered},
};

use super::{Desk, GOOD, Post};
use crate::shop::operator;

/// Another provider collects from now on; the keys of both stay.
async fn collects(desk: &Desk, provider: Provider) {
    let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    desk.services.applications().update(&operator(), desk.shop.application, patch).await.unwrap();
}

/// A member whose card Stripe keeps, and the end of their period: the sandbox collected in between, so that Stripe has
/// ended what it renewed.
async fn kept(desk: &Desk) -> (UserId, Timestamp) {
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.settle().await;
    collects(desk, Provider::Sandbox).await;
    let end = desk.held(member).await.unwrap().period.unwrap().end;
    desk.shop.test.clock.advance(end - TimeDelta::days(1) - desk.services.now());
    desk.services.reconcile(&operator(), application).await.unwrap();
    desk.settle().await;
    let invoices = desk.services.invoices();
    let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
    invoices.mark_paid(&operator(), application, owed.id, None).await.unwrap();
    collects(desk, Provider::Stripe).await;
    desk.days(4).await;
    let held = desk.held(member).await.unwrap();
    let period = held.period.unwrap();
    assert_eq!((held.state, period.start, desk.billed()), (State::Active, owed.period.start, 0));
    assert!(desk.services.methods().current(&operator(), application, member).await.unwrap().is_some());
    (member, period.end)
}

/// Time passes until `at`.
async fn until(desk: &Desk, at: Timestamp) {
    desk.shop.test.clock.advance(at - desk.services.now());
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_of_less_than_stripe_takes_has_failed() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, end) = kept(&desk).await;
    let given = Amount::new(980, "usd".parse().unwrap()).unwrap();
    desk.services.credits().add(&operator(), desk.shop.application, member, given, None).await.unwrap();
    until(&desk, end).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue);
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "grace");
    assert_eq!(desk.payments(member).await, [PaymentStatus::Failed, PaymentStatus::Succeeded]);
    desk.days(8).await;
    assert_eq!((desk.held(member).await, desk.plan(member).await), (None, None), "it ends with the grace");
    assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000], 980));
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_stripe_says_nothing_of_has_failed_in_the_end() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, end) = kept(&desk).await;
    // The intent is made, and cannot be asked about.
    desk.fake.plan("GET /v1/payment_intents/", Fault::Refused, 10_000);
    until(&desk, end).await;
    desk.days(6).await;
    assert_eq!(desk.held(member).await.unwrap().state, State::Active, "it may have been charged");
    desk.days(2).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "not for ever");
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "grace");
    desk.fake.calm();
    desk.days(2).await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    assert_eq!((desk.charged(), desk.payments(member).await), (vec![1000; 2], vec![PaymentStatus::Succeeded; 2]));
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_waits_for_a_card_which_is_gone_has_failed() {
    for is_removed in [true, false] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (member, end) = kept(&desk).await;
        // The intent is made, and nobody answers when it is confirmed.
        desk.fake.plan("POST /v1/payment_intents/", Fault::Unavailable, 3);
        desk.shop.test.clock.advance(end - desk.services.now());
        desk.services.engine().tick().await.unwrap();
        let waits = desk.side().all("payment_intent").pop().unwrap();
        assert_eq!(waits["status"], "requires_confirmation", "removed: {is_removed}");
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "removed: {is_removed}");
        let application = desk.shop.application;
        if is_removed {
            desk.services.methods().remove(&operator(), application, member).await.unwrap();
        } else {
            collects(&desk, Provider::Sandbox).await;
        }
        until(&desk, end + TimeDelta::minutes(2)).await;
        let canceled = desk.side().get(waits["id"].as_str().unwrap());
        assert_eq!(canceled["status"], "canceled", "removed: {is_removed}");
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "removed: {is_removed}");
        let seen = desk.payments(member).await;
        assert_eq!(seen, [PaymentStatus::Expired, PaymentStatus::Succeeded], "removed: {is_removed}");

        // Another card pays, or the one that is there again.
        if is_removed {
            let invoices = desk.services.invoices();
            let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
            let url = || "https://app.example/".to_owned();
            let destination = Destination::Application { success_url: url(), cancel_url: url() };
            let placed = invoices.pay(&operator(), application, member, owed.id, destination).await.unwrap();
            let session = desk.opened(&placed).await;
            assert!(matches!(desk.side().enter_card(&session, GOOD), Entered::Paid { .. }));
        } else {
            collects(&desk, Provider::Stripe).await;
            desk.services.reconcile(&operator(), application).await.unwrap();
        }
        desk.days(2).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "removed: {is_removed}");
        assert_eq!(desk.charged(), [1000, 1000], "removed: {is_removed}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "removed: {is_removed}");
    }
}
