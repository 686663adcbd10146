//! What is bought: in time, late, by many clicks, or once fraud detection has decided.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::billing::{
    order::{State as OrderState, Status as OrderStatus},
    payment::Status as PaymentStatus,
};
use serde_json::json;
use service::testing::midtrans::{Means, Notification, Step};

use super::{Bazaar, bazaar, good_card, idr};
use crate::shop::key;

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_in_time_buys() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    bazaar.deliver().await;
    let until = bazaar.services().now() + TimeDelta::hours(24);
    assert_eq!(bazaar.state(&placed).await, OrderState::Pending { until });
    assert_eq!(bazaar.plan(member).await, "free");
    bazaar.shop.test.clock.advance(TimeDelta::hours(23));
    bazaar.act(&placed, Step::Complete);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Paid { late: false, .. }));
    let bought = bazaar.shop.entitlement(member).await;
    assert_eq!((bought.plan, bought.claims["billing_cycle"].clone()), (Some(key("pro")), json!("monthly")));
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000))]);
    let asked = bazaar.fake.calls("/snap/v1/transactions");
    assert_eq!(asked[0].body["transaction_details"]["gross_amount"], 99_000, "9900000 minor units are Rp 99.000");
    assert_eq!(bazaar.count("SELECT amount FROM payments").await, 9_900_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_comes_late_still_buys() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.act(&placed, Step::Begin(Means::Va("permata")));
    bazaar.deliver().await;
    bazaar.pass(TimeDelta::hours(25)).await;
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Expired { .. }));
    assert_eq!(bazaar.plan(member).await, "free");
    bazaar.act(&placed, Step::PayLate);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Paid { late: true, .. }));
    assert_eq!(bazaar.plan(member).await, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn fraud_detection_decides_when_it_has_decided() {
    let bazaar = bazaar().await;
    let (lucky, unlucky, denied) = (bazaar.shop.member().await, bazaar.shop.member().await, bazaar.shop.member().await);
    let mut orders = Vec::new();
    for (member, step) in [(lucky, Step::Challenge), (unlucky, Step::Challenge), (denied, Step::FraudDeny)] {
        let placed = bazaar.opened(member).await;
        bazaar.act(&placed, Step::Begin(good_card()));
        bazaar.act(&placed, step);
        bazaar.deliver().await;
        assert_eq!(bazaar.plan(member).await, "free");
        orders.push(placed);
    }
    assert_eq!(bazaar.state(&orders[0]).await.status(), OrderStatus::Pending);
    assert_eq!(bazaar.state(&orders[2]).await.status(), OrderStatus::Failed);
    bazaar.act(&orders[0], Step::Accept);
    bazaar.act(&orders[1], Step::Reject);
    bazaar.deliver().await;
    assert_eq!((bazaar.plan(lucky).await, bazaar.plan(unlucky).await), ("pro".into(), "free".into()));
    assert_eq!(bazaar.state(&orders[1]).await.status(), OrderStatus::Failed);
    // What the bank refused can be tried again on the same page.
    bazaar.pay(&orders[1], good_card());
    bazaar.deliver().await;
    assert_eq!(bazaar.plan(unlucky).await, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_attempt_says_how_long_an_order_waits() {
    let bazaar = bazaar().await;
    let placed = bazaar.opened(bazaar.shop.member().await).await;
    bazaar.act(&placed, Step::Begin(good_card()));
    bazaar.deliver().await;
    bazaar.act(&placed, Step::Refuse);
    drop(bazaar.fake.notifications());
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    bazaar.deliver().await;
    let until = bazaar.services().now() + TimeDelta::hours(24);
    assert_eq!(bazaar.state(&placed).await, OrderState::Pending { until });
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_are_one_payment() {
    let bazaar = Arc::new(bazaar().await);
    let member = bazaar.shop.member().await;
    let click = |bazaar: Arc<Bazaar>| async move { bazaar.opened(member).await.order.id };
    let ids = futures::future::join_all((0..50).map(|_| tokio::spawn(click(bazaar.clone())))).await;
    let ids: std::collections::HashSet<_> = ids.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 1);
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, good_card());
    let told = bazaar.fake.notifications();
    let post = |bazaar: Arc<Bazaar>, told: Vec<Notification>| async move { bazaar.post(&told).await };
    for done in futures::future::join_all((0..20).map(|_| tokio::spawn(post(bazaar.clone(), told.clone())))).await {
        done.unwrap();
    }
    while bazaar.services().inbox().work().await.unwrap() > 0 {}
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000))]);
    assert_eq!(bazaar.count("SELECT count(*) FROM inbox").await, told.len() as i64, "each event once");
    assert_eq!(bazaar.count("SELECT count(*) FROM ledger WHERE action = 'order.paid'").await, 1);
}
