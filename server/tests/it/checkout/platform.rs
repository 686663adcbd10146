//! Checkouts and bills that a product's server begins.

use axum::http::{Method, StatusCode};
use service::Ctx;

use super::{Link, choose, press};
use crate::{
    pages_shop::{self, check_look},
    rest::refused,
    support::here,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_products_server_begins_a_checkout() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let ask = async |success_url: &str, user: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan": "gold", "success_url": success_url, "cancel_url": "https://paid.example/billing",
        });
        app.post_json("/api/platform/checkout/sessions", &body).await
    };
    let user = app.user("user@example.com").await.id.to_string();
    let made = ask("https://paid.example/billing/done", &user).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    assert_eq!(made["expires_in"], 24 * 3600);
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["order_id"], made["order_id"]);
    let checkout = here(made["checkout_url"].as_str().unwrap());
    // Whoever has the address may pay: it is opened where nobody is signed in.
    let payer = app.browser();
    let page = payer.get(&checkout).await;
    assert_eq!(page.status, StatusCode::OK);
    check_look(&page);
    assert!(page.text().contains("Pay $9.99"));
    let sandbox = press(&payer, &checkout).await;
    let paid = payer.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = payer.get(&here(paid.location().unwrap())).await;
    assert_eq!(on.location(), Some("https://paid.example/billing/done"));
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["error"]["code"], "SUB_002");
    assert_eq!(ask("https://evil.example/", &user).await.json()["error"]["code"], "APP_001");
    assert_eq!(ask("https://paid.example/billing", "nobody").await.json()["error"]["code"], "USR_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_is_begun_once_for_each_key() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let user = app.user("user@example.com").await.id.to_string();
    let ask = async |key: &str, success_url: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan": "gold", "success_url": success_url, "cancel_url": "https://paid.example/billing",
        });
        let request = app.request(Method::POST, "/api/platform/checkout/sessions");
        request.header("idempotency-key", key).json(&body).send().await
    };
    let done = "https://paid.example/billing/done";
    let (made, again) = (ask("checkout-1", done).await, ask("checkout-1", done).await);
    // What names the order in the address is sealed anew for whoever asks anew.
    assert_eq!((made.status, again.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", made.text());
    assert_eq!(again.text(), made.text());
    assert_eq!((made.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    refused(&ask("checkout-1", "https://paid.example/billing").await, 409, "APP_001");

    let checkout = here(made.json()["checkout_url"].as_str().unwrap());
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = app.get(&here(paid.location().unwrap())).await;
    assert_eq!(on.location(), Some(done), "the other body has changed nothing");
    assert_eq!(ask("checkout-1", done).await.text(), made.text());
    refused(&ask("checkout-2", done).await, 409, "SUB_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_paid_by_whoever_has_its_address() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let user = app.user("user@example.com").await.id.to_string();
    let ask = async |plan: &str, email: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan_id": plan, "customer_email": email, "customer_name": "Ms. Payer", "metadata": { "a": 1 },
        });
        app.request(axum::http::Method::POST, "/api/platform/payment")
            .header("idempotency-key", &format!("{plan}{email}"))
            .json(&body)
            .send()
            .await
    };
    let made = ask("gold", "payer@example.com").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(ask("gold", "payer@example.com").await.text(), made.text());
    let made = made.json();
    let plan = app.services.directory().by_slug("paid").unwrap().plan_by_key("gold").unwrap().id.to_string();
    assert_eq!(ask(&plan, "payer@example.com").await.json()["order_id"], made["order_id"], "by its id, too");
    assert!(made["payment_id"].as_str().is_some_and(|id| !id.is_empty()));
    for (plan, email, code) in [
        ("gold", "nobody", "APP_001"),
        ("silver", "payer@example.com", "SUB_001"),
        (user.as_str(), "a@b.example", "SUB_001"),
    ] {
        assert_eq!(ask(plan, email).await.json()["error"]["code"], code, "{plan} {email}");
    }
    let payer = app.browser();
    let checkout = here(made["invoice_url"].as_str().unwrap());
    check_look(&payer.get(&checkout).await);
    let sandbox = press(&payer, &checkout).await;
    let paid = payer.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let thanks = payer.get(&here(paid.location().unwrap())).await;
    check_look(&thanks);
    for part in ["Payment received", "Gold is active in Paid now", "https://paid.example/billing"] {
        assert!(thanks.text().contains(part), "{part}");
    }
    assert!(payer.get(&checkout).await.text().contains("Payment received"));
    assert_eq!(ask("gold", "again@example.com").await.json()["error"]["code"], "SUB_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_was_paid_for_nothing_says_so() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let link = Link::to(&app, "paid", "gold").await;
    let body = serde_json::json!({
        "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "plan_id": "gold",
        "end_user_id": link.user.to_string(), "customer_email": "payer@example.com",
    });
    let made = app.request(Method::POST, "/api/platform/payment").json(&body).send().await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let payer = app.browser();
    let checkout = here(made.json()["invoice_url"].as_str().unwrap());
    let sandbox = press(&payer, &checkout).await;
    app.services.memberships().revoke(&Ctx::operator(), link.application, link.user).await.unwrap();
    let paid = payer.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    for address in [here(paid.location().unwrap()), checkout] {
        let late = payer.get(&address).await;
        check_look(&late);
        assert!(late.text().contains("Payment received") && late.text().contains("nothing was bought"), "{address}");
        assert!(!late.text().contains("is active in Paid now"), "{address}");
    }
    assert_eq!(link.held().await, None);
}
