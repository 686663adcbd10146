//! Notifications: believed by their signature, and what they are about.

use chrono::TimeDelta;
use domain::ErrorCode;

use super::{Desk, usd};
use crate::{
    payment::{Handle, PaymentProvider, Subject},
    testing::stripe::{WEBHOOK_SECRET, sign},
};

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_believed_by_their_signature_only() {
    let desk = Desk::open().await;
    let request = desk.subscribing();
    desk.paid(&request).await;
    let now = desk.services.now();
    let read = |header: &str, body: &str| {
        desk.provider.read(&vec![("stripe-signature".into(), header.into())], body.as_bytes())
    };
    let told = desk.side().deliveries();
    let (body, header) = told.last().unwrap().signed(now);
    assert_eq!(read(&header, &body).unwrap().subject, Subject::Payment(request.key));
    let code = |header: &str, body: &str| read(header, body).unwrap_err().code();
    assert_eq!(code(&header, &body.replace("complete", "expired!")), ErrorCode::BadCredentials);
    assert_eq!(code(&header, &format!("{body} ")), ErrorCode::BadCredentials);
    assert_eq!(code("", &body), ErrorCode::BadCredentials);
    assert_eq!(code("t=,v1=", &body), ErrorCode::BadCredentials);
    assert!(desk.provider.read(&Vec::new(), body.as_bytes()).is_err());
    let at = |seconds: i64, secret: &str| sign(secret, now.timestamp() + seconds, &body);
    assert_eq!(code(&at(0, "whsec_other"), &body), ErrorCode::BadCredentials);
    assert_eq!(code(&at(-301, WEBHOOK_SECRET), &body), ErrorCode::BadCredentials);
    assert_eq!(code(&at(301, WEBHOOK_SECRET), &body), ErrorCode::BadCredentials);
    assert!(read(&at(-300, WEBHOOK_SECRET), &body).is_ok());
    assert!(read(&at(0, "whsec_new"), &body).is_ok(), "either secret counts during a roll");
    let both = format!("{},v1=00ff,v0=beef", at(0, WEBHOOK_SECRET));
    assert!(read(&both, &body).is_ok());
    let live = body.replace("\"livemode\": false", "\"livemode\": true");
    assert_eq!(code(&sign(WEBHOOK_SECRET, now.timestamp(), &live), &live), ErrorCode::InvalidInput);
    assert_eq!(code(&sign(WEBHOOK_SECRET, now.timestamp(), "[1]"), "[1]"), ErrorCode::InvalidInput);
    for id in ["", "evt 1", "evt_\\u0000", "evt_é", &"e".repeat(256)] {
        let body = format!(r#"{{"id":"{id}","type":"x","livemode":false}}"#);
        assert_eq!(code(&sign(WEBHOOK_SECRET, now.timestamp(), &body), &body), ErrorCode::InvalidInput, "{id}");
    }
    let body = r#"{"id":"evt_1","type":"customer.subscription.updated","livemode":false,
        "data":{"object":{"id":"sub_\u0000"}}}"#;
    assert_eq!(read(&sign(WEBHOOK_SECRET, now.timestamp(), body), body).unwrap().subject, Subject::Nothing);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_say_what_to_ask_about() {
    let desk = Desk::open().await;
    let request = desk.subscribing();
    let report = desk.paid(&request).await;
    let agreement = report.agreement.unwrap().reference;
    desk.provider
        .refund(&Handle { key: request.key, reference: Some(report.reference.clone()) }, usd(1))
        .await
        .unwrap();
    desk.side().dispute(&report.reference);
    let mut seen = std::collections::BTreeSet::new();
    for version in ["2026-09-30.endive", "2024-06-20"] {
        desk.fake.choose(|rules| rules.webhook_version = version);
        for delivery in desk.side().deliveries() {
            let (body, header) = delivery.signed(desk.services.now());
            let told = desk.provider.read(&vec![("stripe-signature".into(), header)], body.as_bytes()).unwrap();
            assert_eq!(told.event_id, delivery.id());
            let kind = delivery.kind();
            let name = |field: &str| delivery.event["data"]["object"][field].as_str().unwrap().to_owned();
            let expected = match kind.split('.').next().unwrap() {
                "checkout" => Subject::Payment(request.key),
                "invoice" => Subject::Agreement(agreement.clone()),
                "charge" => Subject::Reference(name("payment_intent")),
                "refund" => Subject::Refund { payment: name("payment_intent"), refund: name("id") },
                "customer" if kind.starts_with("customer.subscription") => Subject::Agreement(agreement.clone()),
                _ => Subject::Nothing,
            };
            assert_eq!(told.subject, expected, "{kind}");
            seen.insert(kind);
        }
        desk.test.clock.advance(TimeDelta::days(32));
    }
    for kind in
        ["charge.refunded", "refund.created", "charge.dispute.created", "invoice.paid", "customer.subscription.updated"]
    {
        assert!(seen.contains(kind), "{kind} is not in {seen:?}");
    }
}
