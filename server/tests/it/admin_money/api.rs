//! The same by the admin API.

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::TimeDelta;
use domain::text::Name;
use serde_json::{Value, json};
use service::Ctx;

use super::Till;
use crate::{
    rest::{refused, with},
    route_table::NOBODYS,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_does_what_the_pages_do() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let app = &till.office.app;
    let key = app.services.api_keys().create(&Ctx::operator(), Name::parse("tests").unwrap()).await.unwrap();
    let base = format!("/api/admin/applications/{}", till.application);
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        let request = app.request(method, &format!("{base}/{path}")).bearer(key.expose());
        let answer = with(request, body.as_ref()).send().await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
        if answer.status == 204 { Value::Null } else { answer.json() }
    };
    let refuse = async |method: Method, path: &str, body: Option<Value>, status: u16, code: &str| {
        let request = app.request(method, &format!("{base}/{path}")).bearer(key.expose());
        refused(&with(request, body.as_ref()).send().await, status, code);
    };
    let get = async |path: &str| ask(Method::GET, path, None).await;
    let post = async |path: &str, body: Value| ask(Method::POST, path, Some(body)).await;

    let list = get("payments?status=succeeded&search=ana").await;
    let payment = &list["payments"][0];
    assert_eq!((&payment["amount"], &payment["refundableAmount"]), (&json!(999), &json!(999)), "{list}");
    let payment = payment["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("payments/{payment}")).await["payment"]["method"], "Visa •••• 4242");
    refuse(Method::GET, "payments?status=nonsense", None, 400, "APP_001").await;
    refuse(Method::GET, "payments?format=xml", None, 400, "APP_001").await;
    let subscription = get("subscriptions").await["subscriptions"][0].clone();
    let path = format!("subscriptions/{}", subscription["id"].as_str().unwrap());
    assert_eq!(get(&path).await["invoices"][0]["number"], "ACME-000001");
    let canceled = ask(Method::POST, &format!("{path}/cancel"), Some(json!({ "reason": "test" }))).await;
    assert_eq!(canceled["subscription"]["cancelAt"], subscription["currentPeriodEnd"]);
    let again = post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!(again, canceled);
    let undone = ask(Method::POST, &format!("{path}/undo"), None).await;
    assert_eq!(undone["subscription"]["cancelAt"], Value::Null);
    assert_eq!(ask(Method::POST, &format!("{path}/pause"), None).await["subscription"]["status"], "paused");
    assert_eq!(ask(Method::POST, &format!("{path}/resume"), None).await["subscription"]["status"], "active");
    refuse(
        Method::POST,
        &format!("{path}/extend-trial"),
        Some(json!({ "until": "2030-01-01T00:00:00Z" })),
        400,
        "SUB_004",
    )
    .await;
    let entry = app.services.directory().application(till.application).unwrap().clone();
    let team = entry.plan_by_key("team").unwrap().id.to_string();
    let quote = post(&format!("{path}/preview"), json!({ "planId": team })).await;
    assert_eq!((&quote["quote"]["kind"], &quote["quote"]["currency"]), (&json!("upgrade"), &json!("usd")), "{quote}");
    let agreed = quote["quote"]["agreed"].clone();
    refuse(Method::POST, &format!("{path}/change"), Some(json!({ "planId": team, "agreed": "x" })), 400, "APP_001")
        .await;
    let change = post(&format!("{path}/change"), json!({ "planId": team, "agreed": agreed })).await;
    assert!(change["checkoutUrl"].as_str().unwrap().starts_with("http://127.0.0.1:8080/checkout/"), "{change}");

    let refund = json!({ "amount": 400, "refundedAmount": 0, "reason": "Sorry" });
    for _ in 0..2 {
        let refunded = post(&format!("payments/{payment}/refund"), refund.clone()).await;
        assert_eq!(
            (&refunded["payment"]["status"], &refunded["payment"]["refundedAmount"]),
            (&json!("partially_refunded"), &json!(400))
        );
    }
    refuse(Method::POST, &format!("payments/{payment}/refund"), Some(json!({ "amount": 600 })), 400, "APP_001").await;

    let clock = get("clock").await["clock"].clone();
    assert_eq!(clock["aheadSeconds"], 0);
    app.clock.advance(TimeDelta::seconds(5));
    let moved = post("clock", json!({ "advance": "1mo" })).await;
    assert!(moved["clock"]["aheadSeconds"].as_i64().unwrap() >= 28 * 86_400, "{moved}");
    assert!(moved["entries"].to_string().contains("invoice.paid"), "{moved}");
    refuse(Method::POST, "clock", Some(json!({ "advance": "soon" })), 400, "APP_001").await;
    assert_eq!(get(&path).await["invoices"].as_array().unwrap().len(), 2);

    let coupon =
        json!({ "code": "spring", "basisPoints": 1250, "duration": "months", "months": 3, "maxRedemptions": 5 });
    let made = post("coupons", coupon.clone()).await;
    assert_eq!((&made["coupon"]["code"], &made["coupon"]["basisPoints"]), (&json!("SPRING"), &json!(1250)));
    refuse(Method::POST, "coupons", Some(coupon), 400, "APP_001").await;
    for bad in [
        json!({ "code": "X1X" }),
        json!({ "code": "X1X", "basisPoints": 1, "amount": 1, "currency": "usd" }),
        json!({ "code": "X1X", "amount": 0, "currency": "usd" }),
        json!({ "code": "X1X", "basisPoints": 1, "duration": "months" }),
        json!({ "code": "X1X", "basisPoints": 1, "planIds": ["0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"] }),
    ] {
        refuse(Method::POST, "coupons", Some(bad), 400, "APP_001").await;
    }
    let archive = format!("coupons/{}/archive", made["coupon"]["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(ask(Method::POST, &archive, None).await["coupon"]["archived"], true);
    }
    assert_eq!(get("alerts").await["alerts"], json!([]));
    assert_eq!(get("notifications").await["notifications"], json!([]));

    let keys = json!({ "secretKey": "sk_live_51abcdefghijklmnop9876", "webhookSecret": "whsec_aaaaaaaaaaaa1111" });
    let set = ask(Method::PUT, "payment-settings/stripe", Some(keys)).await;
    assert_eq!(set, get("payment-settings").await);
    assert_eq!(set["paymentSettings"]["keys"][0]["mode"], "live");
    assert_eq!(set["paymentSettings"]["keys"][0]["secretKeyLast4"], "9876");
    let services = app.get("/api/admin/services").await;
    for text in [set.to_string(), services.text().to_owned()] {
        assert!(!text.contains("sk_live") && !text.contains("whsec"), "{text}");
    }
    assert!(
        services.text().contains("\"provider\":\"stripe\",\"mode\":\"live\",\"chosen\":false"),
        "{}",
        services.text()
    );
    assert_eq!(ask(Method::DELETE, "payment-settings/stripe", None).await, Value::Null);
    refuse(Method::POST, "payment-settings/stripe/test", None, 409, "SRV_002").await;
    refuse(Method::PUT, "payment-settings/sandbox", Some(json!({})), 404, "SUB_001").await;
    refuse(Method::PUT, "payment-settings/stripe", Some(json!({ "secretKey": "pk_x" })), 400, "APP_001").await;
}

/// A script that cancels what a list shows is not shown everybody's.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_listed_by_their_plan() {
    const ANA: &str = "ana@example.com";
    const BUDI: &str = "budi@example.com";
    let till = Till::open().await;
    till.buyer(ANA, "pro").await;
    till.buyer(BUDI, "team").await;
    let app = &till.office.app;
    let key = app.services.api_keys().create(&Ctx::operator(), Name::parse("tests").unwrap()).await.unwrap();
    let path = format!("/api/admin/applications/{}/subscriptions", till.application);
    let get =
        async |query: &str| app.request(Method::GET, &format!("{path}?{query}")).bearer(key.expose()).send().await;
    let directory = app.services.directory();
    let pro = directory.application(till.application).unwrap().plan_by_key("pro").unwrap().id;
    let by_id = format!("plan={pro}");
    for (query, expected) in [
        ("search=example.com", BTreeSet::from([ANA, BUDI])),
        ("plan=pro", BTreeSet::from([ANA])),
        (by_id.as_str(), BTreeSet::from([ANA])),
        ("plan=team&status=active&limit=10", BTreeSet::from([BUDI])),
        ("plan=team&status=past_due", BTreeSet::new()),
        ("plan=pro&search=budi", BTreeSet::new()),
    ] {
        let answer = get(query).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let list = answer.json();
        let listed = list["subscriptions"].as_array().unwrap().iter();
        let emails: BTreeSet<_> = listed.map(|one| one["email"].as_str().unwrap()).collect();
        assert_eq!(emails, expected, "{query}: {list}");
    }
    let csv = get("plan=team&format=csv").await;
    assert!(csv.text().contains(BUDI) && !csv.text().contains(ANA), "{}", csv.text());
    for plan in ["gold", "", NOBODYS] {
        refused(&get(&format!("plan={plan}")).await, 404, "SUB_001");
    }
}
