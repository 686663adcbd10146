//! Keys that take the place of others: of the other mode, which know nothing of what is there, and signing secrets.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    application::{Provider, SettingsPatch},
    billing::{payment::Status as PaymentStatus, subscription::State},
};
use service::{
    application::applications::ApplicationPatch,
    payment::keys::NewKeys,
    testing::{
        books,
        fault::Fault,
        stripe::{LIVE_KEY, TEST_KEY, WEBHOOK_SECRET},
    },
};

use super::{Desk, Post};
use crate::shop::operator;

async fn replace_key(desk: &Desk, key: &str) {
    let keys = NewKeys { secret: Some(Secret::new(key)), webhook: None };
    desk.services.payment_keys().set(&operator(), desk.shop.application, Provider::Stripe, keys).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_waits_for_the_key_of_its_mode() {
    for at_once in [false, true] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        replace_key(&desk, LIVE_KEY).await;
        let changes = desk.services.changes();
        if at_once {
            changes.cancel_now(&operator(), application, member, None).await.unwrap();
        } else {
            changes.cancel(&operator(), application, member, None).await.unwrap();
        }
        assert_eq!(desk.services.steer().await.unwrap(), 1, "at once: {at_once}");
        let own = desk.subscription();
        assert_eq!((&own["status"], &own["cancel_at_period_end"]), (&"active".into(), &false.into()));

        replace_key(&desk, TEST_KEY).await;
        desk.shop.test.clock.advance(TimeDelta::minutes(1));
        desk.settle().await;
        let own = desk.subscription();
        assert!(own["status"] == "canceled" || own["cancel_at_period_end"] == true, "at once: {at_once}, {own}");
        desk.days(40).await;
        assert_eq!((desk.charged(), desk.held(member).await), (vec![1000], None), "at once: {at_once}");
        assert_eq!(desk.subscription()["status"], "canceled", "at once: {at_once}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_test_key_sold_keeps_no_application_once_it_is_gone() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, other, application) = (desk.shop.member().await, desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.buy(other, "pro").await;
    desk.settle().await;
    replace_key(&desk, LIVE_KEY).await;
    desk.services.changes().cancel_now(&operator(), application, other, None).await.unwrap();
    assert_eq!(desk.services.steer().await.unwrap(), 1, "it waits");
    desk.services.applications().delete(&operator(), application).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_went_unheard_waits_for_the_key_of_its_mode() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application, clock) = (desk.shop.member().await, desk.shop.application, &desk.shop.test.clock);
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    // Another provider asks for the next period by a link, and gives it back: Stripe's card is charged by the engine.
    let collects = async |provider: Provider| {
        let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings, ..Default::default() };
        desk.services.applications().update(&operator(), application, patch).await.unwrap();
    };
    collects(Provider::Sandbox).await;
    clock.advance(first.end - TimeDelta::days(1) - desk.services.now());
    desk.services.reconcile(&operator(), application).await.unwrap();
    desk.settle().await;
    assert_eq!(desk.billed(), 0, "handed over");
    collects(Provider::Stripe).await;

    // Stripe charges it, and says so to nobody.
    clock.advance(first.end - desk.services.now());
    desk.fake.plan("GET /v1/payment_intents/", Fault::Unavailable, 3);
    desk.services.engine().tick().await.unwrap();
    let intent = desk.side().all("payment_intent").pop().unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/payment_intents/{intent}/confirm");
    assert_eq!(desk.side().call(http::Method::POST, &path, "off_session=true").0, 200);
    assert_eq!(desk.charged(), [1000, 1000]);

    replace_key(&desk, LIVE_KEY).await;
    clock.advance(TimeDelta::minutes(2));
    desk.services.engine().tick().await.unwrap();
    assert_eq!(desk.payments(member).await, [PaymentStatus::Pending, PaymentStatus::Succeeded]);

    replace_key(&desk, TEST_KEY).await;
    desk.days(2).await;
    assert_eq!((desk.charged(), desk.payments(member).await), (vec![1000; 2], vec![PaymentStatus::Succeeded; 2]));
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    assert!(desk.fake.live().all("charge").is_empty());
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_secret_counts_for_a_day_after_the_next() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application, clock) = (desk.shop.member().await, desk.shop.application, &desk.shop.test.clock);
    desk.buy(member, "pro").await;
    let told = desk.side().deliveries().remove(0);
    let (keys, inbox) = (desk.services.payment_keys(), desk.services.inbox());
    let roll = async |to: &str| {
        let new = NewKeys { secret: None, webhook: Some(Secret::new(to)) };
        keys.set(&operator(), application, Provider::Stripe, new).await.unwrap();
    };
    let shown = async || keys.list(&operator(), application).await.unwrap().remove(0).webhook;
    // The stand-in goes on signing with the first.
    let taken = async || {
        let (body, header) = told.signed(desk.services.now());
        let headers = vec![("stripe-signature".to_owned(), header)];
        inbox.receive(application, Provider::Stripe, &headers, body.as_bytes()).await.map_err(|error| error.code())
    };
    roll("whsec_next").await;
    clock.advance(TimeDelta::hours(23));
    assert_eq!((taken().await, shown().await), (Ok(()), vec!["next".to_owned(), "fake".to_owned()]));
    roll("whsec_next").await;
    replace_key(&desk, TEST_KEY).await;
    clock.advance(TimeDelta::hours(2));
    assert_eq!((taken().await, shown().await), (Err(ErrorCode::BadCredentials), vec!["next".to_owned()]));
    roll(WEBHOOK_SECRET).await;
    assert_eq!((taken().await, shown().await), (Ok(()), vec!["fake".to_owned(), "next".to_owned()]));
}
