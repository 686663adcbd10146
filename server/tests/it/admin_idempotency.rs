//! `Idempotency-Key` on the admin API.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    rest::{Rest, refused, text},
    support::{Answer, TestApp},
};

/// A POST with a key: by an admin API key, or by a browser.
async fn post(app: &TestApp, bearer: Option<&str>, key: &str, path: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, path).header("idempotency-key", key);
    let request = bearer.into_iter().fold(request, |request, token| request.bearer(token));
    request.json(body).send().await
}

fn replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == Some("true")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_key_is_executed_once() {
    let rest = Rest::start().await;
    let (app, key) = (&rest.app, rest.key.expose());
    let plans = format!("{}/plans", rest.acme.base());
    let gold = json!({ "name": "Gold" });
    let first = post(app, Some(key), "k1", &plans, &gold).await;
    assert_eq!((first.status.as_u16(), replayed(&first)), (201, false));
    let second = post(app, Some(key), "k1", &plans, &gold).await;
    assert_eq!((second.status.as_u16(), &second.body, replayed(&second)), (201, &first.body, true));
    assert_eq!(second.header("content-type"), Some("application/json"));
    refused(&post(app, Some(key), "k1", &plans, &json!({ "name": "Silver" })).await, 409, "APP_001");
    let elsewhere = format!("{}/plans", rest.other.base());
    refused(&post(app, Some(key), "k1", &elsewhere, &gold).await, 409, "APP_001");
    refused(&post(app, Some(key), "k2", &plans, &gold).await, 409, "SUB_005");
    // What was refused is an answer, too.
    assert!(replayed(&post(app, Some(key), "k2", &plans, &gold).await));
    refused(&post(app, Some(key), "", &plans, &gold).await, 400, "APP_001");
    refused(&post(app, Some(key), &"k".repeat(256), &plans, &gold).await, 400, "APP_001");
    // The ledger says by which key.
    let audit = rest.read(&format!("/api/admin/audit?applicationId={}&action=plan.created", rest.acme.id)).await;
    assert_eq!(audit["entries"][0]["idempotencyKey"], "k1", "{audit}");

    let many = futures::future::join_all((0..20).map(|_| {
        let plans = plans.clone();
        async move { post(app, Some(key), "k3", &plans, &json!({ "name": "Many" })).await }
    }))
    .await;
    assert!(many.iter().all(|answer| answer.status == 201), "{many:?}");
    assert_eq!(many.iter().filter(|answer| !replayed(answer)).count(), 1);

    app.clock.advance(chrono::TimeDelta::hours(24));
    refused(&post(app, Some(key), "k1", &plans, &gold).await, 409, "SUB_005");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_repeated() {
    let rest = Rest::start().await;
    let (app, key) = (&rest.app, rest.key.expose());
    let new = json!({ "name": "Shop", "slug": "shop", "redirectUris": ["https://shop.example/cb"] });
    let first = post(app, Some(key), "k", "/api/admin/applications", &new).await;
    let second = post(app, Some(key), "k", "/api/admin/applications", &new).await;
    assert_eq!((second.status.as_u16(), &second.body, replayed(&second)), (201, &first.body, true));
    let secret = text(&first.json()["clientSecret"]);
    assert!(secret.starts_with("sec_"));
    let rotate = format!("/api/admin/applications/{}/rotate-secret", text(&first.json()["application"]["id"]));
    let rotated = post(app, Some(key), "r", &rotate, &json!({})).await;
    let again = post(app, Some(key), "r", &rotate, &json!({})).await;
    assert_eq!((rotated.status.as_u16(), &again.body, replayed(&again)), (200, &rotated.body, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_belong_to_whoever_calls_and_rights_come_first() {
    let rest = Rest::start().await;
    let plans = format!("{}/plans", rest.acme.base());
    let admin = rest.administrator(&rest.acme).await;
    let browser = rest.browser_of(&admin).await;
    let gold = json!({ "name": "Gold" });
    assert_eq!(post(&browser, None, "k", &plans, &gold).await.status, 201);
    let again = post(&browser, None, "k", &plans, &gold).await;
    assert!(again.status == 201 && replayed(&again));
    // An admin API key is somebody else: its "k" is another.
    refused(&post(&rest.app, Some(rest.key.expose()), "k", &plans, &gold).await, 409, "SUB_005");
    refused(&post(&rest.app.browser(), None, "k", &plans, &gold).await, 401, "AUTH_001");
    refused(&post(&rest.app, Some("ak_wrong"), "k", &plans, &gold).await, 401, "AUTH_003");
    refused(&post(&browser, None, "k2", &format!("{}/plans", rest.other.base()), &gold).await, 404, "APP_002");
    refused(&post(&browser, None, "k2", "/api/admin/users", &json!({ "email": "a@b.example" })).await, 403, "AUTH_011");
    let user = rest.browser_of(&rest.acme.user).await;
    refused(&post(&user, None, "k", &plans, &gold).await, 403, "AUTH_011");
    // Who has lost the right gets no answer of before.
    let member = format!("{}/users/{admin}", rest.acme.base());
    assert_eq!(rest.admin(Method::DELETE, &member, None).await.status, 204);
    refused(&post(&browser, None, "k", &plans, &gold).await, 404, "APP_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_recent_sign_in_is_wanted_is_no_answer_to_keep() {
    let rest = Rest::start().await;
    let clients = format!("{}/clients", rest.acme.base());
    let admin = rest.administrator(&rest.acme).await;
    let stale = rest.browser_of(&admin).await;
    rest.app.clock.advance(chrono::TimeDelta::minutes(15));
    let third = json!({ "name": "Third" });
    refused(&post(&stale, None, "k", &clients, &third).await, 401, "AUTH_001");
    let fresh = rest.browser_of(&admin).await;
    let made = post(&fresh, None, "k", &clients, &third).await;
    assert_eq!((made.status.as_u16(), replayed(&made)), (201, false), "{}", made.text());
    assert!(replayed(&post(&fresh, None, "k", &clients, &third).await));
}
