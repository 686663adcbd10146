//! More than one node, and receivers that hang.

use std::time::Duration;

use domain::webhook::{delivery::DeliveryStatus, event::EventType};
use http::StatusCode;
use serde_json::json;
use service::{
    Settings,
    testing::{TestServices, http::Reply},
};

use super::Told;
use crate::{
    shop::operator,
    webhooks::{Receiver, deliveries, endpoint, status, work},
};

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_send_each_message_once() {
    let told = Told::start().await;
    let other = told.shop.test.another_node().await;
    for _ in 0..5 {
        for _ in 0..8 {
            told.test().await;
        }
        let (here, there) = (told.shop.services().deliveries(), other.deliveries());
        let (one, two, three) = tokio::join!(here.work(), there.work(), here.work());
        assert_eq!(one.unwrap() + two.unwrap() + three.unwrap(), 8);
        let mut ids: Vec<_> = told.receiver.heard().iter().map(|own| own.header("webhook-id").to_owned()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
    }
    assert_eq!(deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Delivered)).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stopped_on_the_way_is_followed_by_another() {
    let told = Told::start().await;
    told.receiver.answer(Reply::Silence);
    let queued = told.test().await;
    let services = told.shop.services().clone();
    let stopped = tokio::spawn(async move { services.deliveries().work().await });
    while told.receiver.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    stopped.abort();
    assert!(stopped.await.unwrap_err().is_cancelled());
    assert_eq!((told.delivery(&queued).await.attempts, work(&told.shop).await), (0, 0));
    told.receiver.answer(status(StatusCode::OK));
    told.pass(60);
    assert_eq!((work(&told.shop).await, told.receiver.heard().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_does_not_hold_up_another() {
    let short = Settings { provider_timeout: Duration::from_millis(300), ..TestServices::settings() };
    let told = Told::start_with(short).await;
    told.receiver.answer(Reply::Silence);
    for _ in 0..15 {
        told.test().await;
    }
    told.pass(1);
    let quick = Receiver::start().await;
    endpoint(&told.shop, &quick, &[EventType::ClaimsUpdated]).await;
    let member = told.shop.member().await;
    told.shop.claims(member, json!({ "tier": "gold" })).await.unwrap();
    assert_eq!(work(&told.shop).await, 11);
    assert_eq!(quick.events(), ["claims.updated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_do_not_wait_for_a_receiver_that_hangs() {
    let told = Told::start().await;
    told.receiver.answer(Reply::Silence);
    let quick = Receiver::start().await;
    let (also, _) = endpoint(&told.shop, &quick, &[EventType::ClaimsUpdated]).await;
    let (webhooks, app) = (told.shop.services().webhooks(), told.shop.application);
    for _ in 0..15 {
        told.test().await;
        webhooks.test(&operator(), app, also.id).await.unwrap();
    }
    let sending = tokio::spawn(told.shop.services().clone().send_webhooks_forever());
    let mut heard = 0;
    while heard < 15 {
        heard += quick.heard().len();
        tokio::task::yield_now().await;
    }
    // All that, while the first messages to who hangs were still on their way.
    let hanging = deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Waiting)).await;
    assert_eq!((hanging.len(), hanging.iter().filter(|own| own.last.is_some()).count()), (15, 0));
    // And it is not told more in the meantime.
    assert!(told.receiver.heard().len() <= 10);
    sending.abort();
}
