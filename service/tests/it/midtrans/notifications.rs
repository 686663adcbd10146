//! Notifications in any order, twice, lost or forged.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{order::Status as OrderStatus, payment::Status as PaymentStatus},
};
use serde_json::json;
use service::{
    payment::keys::NewKeys,
    testing::{
        http::Request,
        midtrans::{BAD_CARD, Means, Step, signature},
    },
};

use super::{KEY, bazaar, good_card, idr};
use crate::shop::operator;

/// What a history has come to.
#[derive(Debug, PartialEq)]
struct End {
    plan: String,
    order: OrderStatus,
    payments: Vec<(PaymentStatus, Money)>,
    paid: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_being_told_ends_the_same() {
    let mut ends = Vec::new();
    for way in 0..5 {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        let placed = bazaar.opened(member).await;
        let mut told = Vec::new();
        bazaar.pay(&placed, Means::Card(BAD_CARD.into()));
        bazaar.act(&placed, Step::Begin(good_card()));
        bazaar.act(&placed, Step::Complete);
        told.extend(bazaar.fake.notifications());
        bazaar.act(&placed, Step::Settle);
        bazaar.act(&placed, Step::Refund(Some(9_000)));
        told.extend(bazaar.fake.notifications());
        match way {
            0 => bazaar.post(&told).await,
            1 => bazaar.post(&[told.clone(), told].concat()).await,
            2 => bazaar.post(&told.into_iter().rev().collect::<Vec<_>>()).await,
            3 => {
                // All but the first are lost, and the customer returns.
                bazaar.post(&told[..1]).await;
                bazaar.services().orders().look(placed.clone()).await.unwrap();
            }
            // All are lost, and the reconciler asks.
            _ => drop(bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap()),
        }
        ends.push(End {
            plan: bazaar.plan(member).await,
            order: bazaar.state(&placed).await.status(),
            payments: bazaar.payments(member).await,
            paid: bazaar.count("SELECT count(*) FROM ledger WHERE action = 'order.paid'").await,
        });
    }
    let expected = End {
        plan: "pro".into(),
        order: OrderStatus::Paid,
        payments: vec![(PaymentStatus::PartiallyRefunded, idr(99_000))],
        paid: 1,
    };
    for end in ends {
        assert_eq!(end, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_money_is_found_for_a_week_after_an_order_has_closed() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::Qris);
    bazaar.pass(TimeDelta::days(7) + TimeDelta::hours(6)).await;
    bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap();
    assert_eq!(bazaar.plan(member).await, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_news_of_the_provider_before_is_found_too() {
    let bazaar = bazaar().await;
    let (buyer, refunded) = (bazaar.shop.member().await, bazaar.shop.member().await);
    let first = bazaar.opened(buyer).await;
    let second = bazaar.opened(refunded).await;
    bazaar.pay(&second, Means::Qris);
    bazaar.deliver().await;
    assert_eq!(bazaar.plan(refunded).await, "pro");
    let patch = SettingsPatch { provider: Some(Provider::Sandbox), ..SettingsPatch::default() };
    bazaar.services().applications().update(&operator(), bazaar.shop.application, patch.into()).await.unwrap();

    // Nobody hears of any of this.
    bazaar.pay(&first, Means::Va("bri"));
    bazaar.act(&second, Step::Refund(None));
    let found = bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap();
    assert_eq!((found.repaired, found.failed), (2, 0), "{found:?}");
    assert_eq!(bazaar.plan(buyer).await, "pro");
    assert_eq!(bazaar.payments(refunded).await[0].0, PaymentStatus::Refunded);
    assert_ne!(bazaar.plan(refunded).await, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_pending_changes_nothing() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, Means::Va("bri"));
    let told = bazaar.fake.notifications();
    bazaar.post(&told[1..]).await;
    let paid = bazaar.state(&placed).await;
    bazaar.post(&told[..1]).await;
    assert_eq!((bazaar.state(&placed).await, bazaar.plan(member).await), (paid, "pro".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_signature_alone_grants_nothing() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    let order_id = placed.order.id.to_string();
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    let pending = bazaar.fake.notifications().remove(0);
    for amount in ["99000.00", "1.00", "9900000.00"] {
        let forged = pending.forged(|body| {
            body.insert("transaction_status".into(), "settlement".into());
            body.insert("status_code".into(), "200".into());
            body.insert("gross_amount".into(), amount.into());
            body.insert("signature_key".into(), signature(&order_id, "200", amount, KEY).into());
        });
        bazaar.post(&[forged]).await;
        assert_eq!(
            (bazaar.state(&placed).await.status(), bazaar.plan(member).await),
            (OrderStatus::Pending, "free".into())
        );
    }
    let unsigned = pending.forged(|body| {
        body.insert("transaction_status".into(), "settlement".into());
        body.insert("status_code".into(), "200".into());
    });
    let inbox = bazaar.services().inbox();
    let refused = inbox.receive_from_midtrans(&Vec::new(), unsigned.body.as_bytes()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::BadCredentials);
    let foreign = pending.forged(|body| drop(body.insert("order_id".into(), uuid().into())));
    let unknown = inbox.receive_from_midtrans(&Vec::new(), foreign.body.as_bytes()).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::PlanNotFound);
    for other in [r#"{"account_id":"a","account_status":"ENABLED"}"#, r#"{"order_id":"payment_notif_test_G1_2"}"#] {
        inbox.receive_from_midtrans(&Vec::new(), other.as_bytes()).await.unwrap();
    }
    assert_eq!(inbox.receive_from_midtrans(&Vec::new(), b"nothing").await.unwrap_err().code(), ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_handled_keeps_nothing_of_who_paid() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, Means::Qris);
    let told = bazaar.fake.notifications();
    let inbox = bazaar.services().inbox();
    for notification in &told {
        inbox.receive_from_midtrans(&Vec::new(), notification.body.as_bytes()).await.unwrap();
    }
    let kept = "SELECT count(*) FROM inbox WHERE length(body) > 0";
    assert_eq!(bazaar.count(kept).await, told.len() as i64, "it waits");
    while inbox.work().await.unwrap() > 0 {}
    assert_eq!(bazaar.plan(member).await, "pro");
    assert_eq!(bazaar.count(kept).await, 0);
    // Once for ever.
    bazaar.post(&told).await;
    assert_eq!(bazaar.count("SELECT count(*) FROM inbox").await, told.len() as i64);
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000))]);
}

fn uuid() -> String {
    "0197f326-973a-743c-b0a9-77cfc3c95d53".into()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_at_midtrans_grants_nothing_and_raises_an_alert() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    // Somebody with the key makes a cheaper page for the same order.
    use base64::{Engine, prelude::BASE64_STANDARD};
    let details = json!({ "transaction_details": { "order_id": placed.order.id, "gross_amount": 1_000 } });
    let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{KEY}:")));
    bazaar.fake.answer(&Request {
        method: http::Method::POST,
        path: "/snap/v1/transactions".into(),
        query: String::new(),
        headers: [(http::header::AUTHORIZATION, authorization.parse().unwrap())].into_iter().collect(),
        body: details.to_string().into(),
    });
    bazaar.pay(&placed, Means::Qris);
    for _ in 0..2 {
        bazaar.deliver().await;
        bazaar.services().orders().look(placed.clone()).await.unwrap();
    }
    assert_eq!(bazaar.plan(member).await, "free");
    assert_ne!(bazaar.state(&placed).await.status(), OrderStatus::Paid);
    assert_eq!(bazaar.payments(member).await[0].0, PaymentStatus::Differs);
    assert_eq!(bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_in_test_grants_nothing_once_the_key_is_live() {
    const LIVE: &str = "Mid-server-of-the-shop";
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, Means::Qris);
    let told = bazaar.fake.notifications().pop().unwrap();
    let (before, asked) = (bazaar.state(&placed).await, bazaar.fake.calls("/status").len());
    let replace_key = async |key: &str| {
        let keys = NewKeys { secret: Some(Secret::new(key)), webhook: None };
        let application = bazaar.shop.application;
        bazaar.services().payment_keys().set(&operator(), application, Provider::Midtrans, keys).await.unwrap();
    };
    replace_key(LIVE).await;

    let inbox = bazaar.services().inbox();
    let refused = inbox.receive_from_midtrans(&Vec::new(), told.body.as_bytes()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::BadCredentials);
    let order_id = placed.order.id.to_string();
    let signed = told.forged(|body| {
        body.insert("status_code".into(), "200".into());
        body.insert("gross_amount".into(), "99000.00".into());
        body.insert("signature_key".into(), signature(&order_id, "200", "99000.00", LIVE).into());
    });
    bazaar.post(&[signed]).await;
    let refused = bazaar.services().orders().look(placed.clone()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ProviderNotConfigured);
    assert_eq!((bazaar.state(&placed).await, bazaar.plan(member).await), (before, "free".into()));
    assert_eq!(bazaar.fake.calls("/status").len(), asked, "the live account is not asked about it");

    replace_key(KEY).await;
    bazaar.services().orders().look(placed.clone()).await.unwrap();
    assert_eq!(bazaar.plan(member).await, "pro", "only the mode stood between");
}
