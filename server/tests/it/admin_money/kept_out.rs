//! Whose pages they are.

use axum::http::StatusCode;

use super::Till;
use crate::admin_pages::{admin, application, user};

#[tokio::test(flavor = "multi_thread")]
async fn the_money_pages_are_for_the_admins_of_the_application() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let payment = till.first("payments").await;
    let subscription = till.first("subscriptions").await;
    let app = &till.office.app;
    let other = application(app, "other", "Other").await;
    let foreign = app.browser();
    foreign.sign_in(&admin(app, &other).await).await;
    let nobody = app.browser();
    let plain = app.browser();
    plain.sign_in(&user(app, "plain@example.com").await).await;
    let pages = [
        "payments".to_owned(),
        "payments?format=csv".to_owned(),
        format!("payments/{payment}"),
        "subscriptions".to_owned(),
        "subscriptions?format=csv".to_owned(),
        format!("subscriptions/{subscription}"),
        "coupons".to_owned(),
        "alerts".to_owned(),
        "clock".to_owned(),
        "settings/payments".to_owned(),
    ];
    for page in &pages {
        let path = format!("/dashboard/acme/{page}");
        assert_eq!(app.get(&path).await.status, StatusCode::OK, "{path}");
        assert_eq!(nobody.get(&path).await.location(), Some("/sign-in"), "{path}");
        assert_eq!(plain.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        let post = foreign.post_form(&path, &[("action", "save")]).await;
        assert!([404, 405].contains(&post.status.as_u16()), "{path}: {}", post.status);
        // What belongs to Acme is nothing of another application's.
        if page.contains('/') && !page.starts_with("settings") {
            let path = format!("/dashboard/other/{page}");
            assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            let post = foreign.post_form(&path, &[("action", "refund"), ("refunded", "0")]).await;
            assert_eq!(post.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
