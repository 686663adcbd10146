//! Coupons, from the form to the archive.

use axum::http::StatusCode;
use service::Ctx;

use super::{Till, has, has_not};
use crate::admin_pages::{application, land};

#[tokio::test(flavor = "multi_thread")]
async fn coupons_are_made_and_archived() {
    let till = Till::open().await;
    has(&till.office.get("coupons").await, &["No coupons yet"]);
    let bad = [
        ("action", "create"),
        ("code", "<b>"),
        ("off", "percent"),
        ("percent", "101"),
        ("lasts", "months"),
        ("months", "0"),
        ("cap", "none"),
        ("expiry", "never"),
        ("plan", "nobody"),
    ];
    let refused = till.office.post("coupons", &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["value=\"&lt;b&gt;\"", "at most 100", "must be 1 to 120", "is not a plan", "must be a date"]);
    let good = [("action", "create"), ("code", "spring"), ("off", "percent"), ("percent", "12.5"), ("lasts", "once")];
    has(&till.office.act("coupons", &good).await, &["SPRING", "12.5 %", "One charge"]);
    assert_eq!(till.office.post("coupons", &good).await.status, StatusCode::BAD_REQUEST);
    let amount = [
        ("action", "create"),
        ("code", "MINUS5"),
        ("off", "amount"),
        ("off_amount", "5"),
        ("currency", "usd"),
        ("lasts", "forever"),
        ("cap", "10"),
    ];
    let made = till.office.act("coupons", &amount).await;
    has(&made, &["MINUS5", "$5.00", "For ever", "0 of 10", "every plan"]);
    let month = [
        ("action", "create"),
        ("code", "FIRST"),
        ("off", "percent"),
        ("percent", "10"),
        ("lasts", "months"),
        ("months", "1"),
    ];
    let made = till.office.act("coupons", &month).await;
    has(&made, &["FIRST", "1 month"]);
    has_not(&made, &["1 months"]);
    let services = &till.office.app.services;
    let all = services.coupons().list(&Ctx::operator(), till.application).await.unwrap();
    let id = all[0].coupon.id.to_string();
    let gone = till.office.post("coupons", &[("action", "archive"), ("coupon", &id)]).await;
    has(&land(&till.office.app, &gone).await, &["Archived: nobody can redeem it any more."]);
    let other = application(&till.office.app, "other", "Other").await;
    assert_ne!(other.application.id, till.application);
    let foreign =
        till.office.app.post_form("/dashboard/other/coupons", &[("action", "archive"), ("coupon", &id)]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}
