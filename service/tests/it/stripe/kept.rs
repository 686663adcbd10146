//! Cards that Stripe keeps and the engine charges: nothing that Stripe renews goes with the subscription any more.

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
    testing::{books, fault::Fault},
};

use super::{Desk, Post};
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
    desk.days(28).await;
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
