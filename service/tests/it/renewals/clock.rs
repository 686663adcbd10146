//! The clock of the sandbox.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::{OnEnd, Provider},
    billing::clock::ClockStep,
};

use super::{GOOD, advance, buy, collects, shop};
use crate::shop::{Shop, key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sandbox_has_a_clock() {
    let shop = Shop::open().await;
    let step = ClockStep::parse("1mo").unwrap();
    let refused = shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ProviderNotConfigured);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stays_at_the_sandbox() {
    let shop = shop(false, OnEnd::None).await;
    let (services, member) = (shop.services(), shop.member().await);
    advance(&shop, "2mo").await;
    buy(&shop, member, "pro", GOOD).await;
    let moved = services.billing_now(shop.application);
    assert!(moved > services.now());
    collects(&shop, Provider::Stripe).await;
    assert_eq!(services.billing_now(shop.application), services.now(), "what is sold now runs in real time");
    let step = ClockStep::parse("1mo").unwrap();
    let refused = services.clocks().advance(&operator(), shop.application, step).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ProviderNotConfigured);
    let held = services.subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!(held.period.unwrap().start, moved, "what was bought before keeps its dates");
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    collects(&shop, Provider::Sandbox).await;
    assert_eq!(services.billing_now(shop.application), moved, "back there it stands where it stood");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_at_once_move_the_clock_once() {
    let shop = shop(false, OnEnd::None).await;
    let (services, ctx, month) = (shop.services(), operator(), ClockStep::parse("1mo").unwrap());
    let clocks = services.clocks();
    let click = || clocks.advance_from(&ctx, shop.application, TimeDelta::zero(), month);
    let (first, second) = tokio::join!(click(), click());
    let once = month.after(services.now()).unwrap();
    assert_ne!(first.unwrap(), second.unwrap(), "one of them moves it, and the other is told that it did not");
    assert_eq!(services.billing_now(shop.application), once);
    let moved = clocks.advance_from(&ctx, shop.application, once - services.now(), month).await.unwrap();
    assert!(moved, "who has seen it there moves it on");
    assert_eq!(services.billing_now(shop.application), month.after(once).unwrap());
}
