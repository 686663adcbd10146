//! Payments: found, shown, and given back.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::page::PageRequest;
use serde_json::{Value, json};
use service::Ctx;

use super::{CATALOG, Till, has, has_not};
use crate::rest::refused;

/// What an application in Indonesia sells besides.
const RUPIAH: &str = r#"
[[applications.plans]]
key = "lokal"
name = "Lokal"
[[applications.plans.prices]]
name = "Monthly"
amount = 9900000
currency = "idr"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_found_filtered_and_exported() {
    let till = Till::open().await;
    let empty = till.office.get("payments").await;
    has(&empty, &["No payments yet", "/dashboard/acme/settings/payments"]);
    let ana = till.buyer("ana@example.com", "pro").await;
    till.buyer("=cmd@example.com", "team").await;
    let all = till.office.get("payments").await;
    has(&all, &["$9.99", "$29.99", "ana@example.com", "New subscription", "Test mode"]);
    let id = till.first("payments?q=ana@example.com").await;
    for query in ["q=ana", "status=succeeded&q=ana%40example.com", &format!("q={id}")] {
        let found = till.office.get(&format!("payments?{query}")).await;
        has(&found, &["$9.99"]);
        has_not(&found, &["$29.99"]);
    }
    has(&till.office.get("payments?status=failed").await, &["Nothing matches"]);
    let file = till.office.get("payments?format=csv&q=cmd").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    has(&file, &["id,createdAt,status,amount", ",29.99,USD,0.00,", "\"'=cmd@example.com\"", ",team,new,"]);
    has_not(&file, &["ana@example.com"]);
    till.office.app.apply(&format!("{CATALOG}{RUPIAH}")).await;
    till.buyer("citra@example.com", "lokal").await;
    let file = till.office.get("payments?format=csv&q=citra").await;
    has(&file, &[",99000,IDR,0,citra@example.com,"]);
    let file = till.office.get("subscriptions?format=csv").await;
    assert_eq!(file.text().lines().count(), 4, "{}", file.text());
    has(&file, &[&ana.to_string(), ",pro,", ",provider,sandbox,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_shows_what_the_application_wants_to_find_again() {
    let till = Till::open().await;
    let (ana, budi) = (till.member("ana@example.com").await, till.member("budi@example.com").await);
    let metadata = json!({ "cart": 4711, "note": "<b>now</b>", "tags": ["a", { "b": null }] });
    let placed = till.order_with(ana, "pro", Some(metadata.clone())).await;
    till.pay(placed).await;
    till.pay(till.order(budi, "pro").await).await;
    let app = &till.office.app;
    let all = app.get(&format!("/api/admin/applications/{}/payments", till.application)).await.json();
    let all = all["payments"].as_array().unwrap();
    let of = |email: &str| all.iter().find(|payment| payment["email"] == email).unwrap();
    assert_eq!(of("ana@example.com")["metadata"], metadata);
    assert_eq!(of("budi@example.com")["metadata"], Value::Null);
    let page = async |email: &str| till.office.get(&format!("payments/{}", of(email)["id"].as_str().unwrap())).await;
    let shown = page("ana@example.com").await;
    has(&shown, &["Metadata of the application", "4711", "&lt;b&gt;now&lt;/b&gt;"]);
    has_not(&shown, &["<b>now"]);
    has_not(&page("budi@example.com").await, &["Metadata of the application"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_shows_everything_and_goes_back_once() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let page = format!("payments/{}", till.first("payments").await);
    let shown = till.office.get(&page).await;
    has(&shown, &["Payment of $9.99", "Money arrived", "4242", "ACME-000001", "Payment arrived", "Up to $9.99"]);
    for (typed, flaw) in [("10", "must be more than 0"), ("9.999", "2 decimals"), ("x", "must be written like")] {
        let refused = till.office.post(&page, &[("action", "refund"), ("refunded", "0"), ("refund", typed)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
        has(&refused, &[flaw, &format!("value=\"{typed}\"")]);
    }
    let part = [("action", "refund"), ("refunded", "0"), ("refund", "4.00"), ("reason", "Sorry")];
    for _ in 0..2 {
        // The second is the same form, sent twice.
        let page = till.office.act(&page, &part).await;
        has(&page, &["Refunded.", "Partly refunded", "Up to $5.99"]);
    }
    let rest = [("action", "refund"), ("refunded", "400"), ("refund", "")];
    let gone = till.office.act(&page, &rest).await;
    has(&gone, &["Nothing can be refunded now.", "Payment refunded"]);
    let subscription = format!("subscriptions/{}", till.first("subscriptions").await);
    has(&till.office.get(&subscription).await, &["Canceled", "It has ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_by_who_has_just_signed_in() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let app = &till.office.app;
    let page = format!("payments/{}", till.first("payments").await);
    app.clock.advance(TimeDelta::minutes(15));
    let form = [("action", "refund"), ("refunded", "0"), ("refund", "4.00"), ("reason", "Sorry")];
    assert_eq!(till.office.post(&page, &form).await.location(), Some("/sign-in?again"));
    let refund = format!("/api/admin/applications/{}/{page}/refund", till.application);
    refused(&app.post_json(&refund, &json!({})).await, 401, "AUTH_001");
    app.sign_in(&app.user("boss@example.com").await).await;
    let back = till.office.get(&format!("{page}?done=signed_in")).await;
    has(&back, &["You have signed in again.", "value=\"4.00\"", "Sorry", "Up to $9.99"]);
    has(&till.office.act(&page, &form).await, &["Refunded.", "Partly refunded", "Up to $5.99"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plan_sold_keeps_its_name_when_the_plan_is_deleted() {
    let till = Till::open().await;
    let ana = till.buyer("ana@example.com", "team").await;
    let (services, operator) = (&till.office.app.services, Ctx::operator());
    let entry = services.directory().application(till.application).unwrap().clone();
    let team = entry.plan_by_key("team").unwrap().id;
    let id = team.to_string();
    let coupon = [
        ("action", "create"),
        ("code", "spring"),
        ("off", "percent"),
        ("percent", "10"),
        ("lasts", "once"),
        ("plan", id.as_str()),
    ];
    till.office.act("coupons", &coupon).await;
    services.changes().cancel_now(&operator, till.application, ana, None).await.unwrap();
    services.plans().delete(&operator, till.application, team).await.unwrap();
    has(&till.office.get("coupons").await, &["SPRING", "Team"]);
    let (payment, subscription) = (till.first("payments").await, till.first("subscriptions").await);
    for page in ["payments".to_owned(), format!("payments/{payment}")] {
        has(&till.office.get(&page).await, &["$29.99", "Team"]);
    }
    for page in ["subscriptions".to_owned(), format!("subscriptions/{subscription}")] {
        has(&till.office.get(&page).await, &["$29.99 per month", "Team"]);
    }
    has(&till.office.get(&format!("subscriptions/cancel?id={subscription}")).await, &["It has ended", "Team"]);
    has(&till.office.get("payments?format=csv").await, &[",team,new,"]);
    has(&till.office.get("subscriptions?format=csv").await, &[",team,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_later_hides_no_history() {
    let till = Till::open().await;
    let ana = till.buyer("ana@example.com", "pro").await;
    let payment = format!("payments/{}", till.first("payments").await);
    let subscription = format!("subscriptions/{}", till.first("subscriptions").await);
    let (services, ctx) = (&till.office.app.services, Ctx::operator());
    till.office.app.clock.advance(TimeDelta::seconds(1));
    for visits in 0..=PageRequest::MAX_LIMIT {
        services.claims().replace(&ctx, till.application, ana, json!({ "visits": visits })).await.unwrap();
    }
    for page in [&payment, &subscription] {
        let shown = till.office.get(page).await;
        has(&shown, &["Payment arrived"]);
        has_not(&shown, &["claims.updated", "Only the last of it"]);
    }
    for _ in 0..=PageRequest::MAX_LIMIT / 2 {
        services.changes().cancel(&ctx, till.application, ana, None).await.unwrap();
        services.changes().undo(&ctx, till.application, ana).await.unwrap();
    }
    has(&till.office.get(&payment).await, &["Payment arrived"]);
    has(&till.office.get(&subscription).await, &["Only the last of it; the rest is in the audit log."]);
}
