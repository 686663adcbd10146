//! What Stripe bills.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::price::{Interval, NewPrice},
};
use service::billing::orders::Started;

use crate::{
    renewals::monthly,
    shop::{operator, plan},
    stripe::{Desk, Post},
};

/// A plan of one price at Stripe's desk, in cents.
async fn once(desk: &Desk, name: &str, cents: i64) {
    let services = &desk.services;
    let made = services.plans().create(&operator(), desk.shop.application, plan(name, serde_json::json!({}))).await;
    let price = NewPrice { interval: Interval::OneTime, ..monthly(cents, "usd", None) };
    services.plans().add_price(&operator(), desk.shop.application, made.unwrap().id, price).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_long_ago_is_paid_once_at_stripe() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    let placed = desk.buy(member, "pro").await;
    desk.settle().await;
    desk.days(130).await;
    let paid = desk.charged().len();
    assert_eq!(paid, 5, "the first bill is further back than what an agreement tells");
    desk.services.orders().look(placed).await.unwrap();
    assert_eq!(desk.payments(member).await.len(), paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_stripe_has_not_kept_begins_no_trial() {
    let desk = Desk::open(Post::InOrder, true).await;
    once(&desk, "Life", 50_000).await;
    let member = desk.shop.member().await;
    desk.buy(member, "life").await;
    desk.settle().await;
    desk.services.changes().cancel_now(&operator(), desk.shop.application, member, None).await.unwrap();
    assert!(matches!(desk.start(member, "pro").await, Started::Order(_)), "nothing could be charged after the trial");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_being_charged_is_not_paused() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let end = desk.held(member).await.unwrap().period.unwrap().end;
    desk.shop.test.clock.advance(end - desk.services.now() + TimeDelta::minutes(30));
    let refused = desk.services.changes().pause(&operator(), desk.shop.application, member).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::SubscriptionExpired, "Stripe has made the bill");
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_stripe_takes_is_no_fault_of_the_server() {
    let desk = Desk::open(Post::InOrder, false).await;
    once(&desk, "Sticker", 20).await;
    let member = desk.shop.member().await;
    let Started::Order(placed) = desk.start(member, "sticker").await else { panic!("granted") };
    let refused = desk.services.orders().press(*placed, "https://pay.example/return".into()).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::InvalidInput);
}
