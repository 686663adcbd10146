//! What belongs to a client of one application, in the hands of another application's client, which proves itself: it
//! gets nothing, learns nothing and ends nothing.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use service::{Ctx, catalog::Catalog};

use crate::{
    acme::{self, SECRET, request, signed_in, url},
    oidc_device::{self, refused},
    support::{Answer, TestApp},
};

/// May use every grant that the clients of acme use.
const STORE: &str = r#"
[[applications]]
slug = "store"
name = "Store"
plan_selection = "never"

[[applications.clients]]
name = "Store"
client_id = "store"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
grants = ["authorization_code", "refresh_token", "device_code"]
skip_consent = true
"#;

/// The user of acme signed in, and the other application beside it.
async fn start() -> TestApp {
    let app = signed_in().await;
    let store = Catalog::parse(STORE, "store.toml").unwrap().as_seed();
    app.services.catalog().apply(&Ctx::operator(), store, false).await.unwrap();
    app
}

async fn post(app: &TestApp, path: &str, client: &str, fields: &[(&str, &str)]) -> Answer {
    app.request(Method::POST, path).basic(client, SECRET).form(fields).send().await
}

async fn push(app: &TestApp, client: &str, changes: &[(&str, &str)]) -> Answer {
    let fields = request(changes);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post(app, "/oauth2/par", client, &fields).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_by_its_own_client_only() {
    let app = start().await;
    let code = acme::code(&app, &[]).await;
    refused(&acme::redeem(&app, "store", &code).await, "invalid_grant");
    let tokens = acme::redeem(&app, "web", &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "it has not been used up: {}", tokens.text());

    // One that was used: the other client's try is no second use, which would end what the first one got.
    refused(&acme::redeem(&app, "store", &code).await, "invalid_grant");
    let access = acme::userinfo(&app, text(&tokens.json()["access_token"])).await;
    assert_eq!(access.status, StatusCode::OK, "{}", access.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_nothing_to_another_client_and_outlive_it() {
    let app = start().await;
    let tokens = acme::tokens(&app, &[]).await;
    let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    refused(&acme::refresh(&app, "store", refresh).await, "invalid_grant");
    for token in [access, refresh] {
        assert_eq!(acme::introspect(&app, "store", token).await, json!({ "active": false }));
        refused(&post(&app, "/oauth2/revoke", "store", &[("token", token)]).await, "invalid_request");
    }
    for token in [access, refresh] {
        assert_eq!(acme::introspect(&app, "web", token).await["active"], true);
    }
    assert_eq!(acme::userinfo(&app, access).await.status, StatusCode::OK);
    let fresh = acme::refresh(&app, "web", refresh).await;
    assert_eq!(fresh.status, StatusCode::OK, "{}", fresh.text());

    // A rotated one: the other client's try is no reuse, which would end the family.
    refused(&acme::refresh(&app, "store", refresh).await, "invalid_grant");
    let again = acme::refresh(&app, "web", text(&fresh.json()["refresh_token"])).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_its_tokens_though_another_client_knows_its_code() {
    let app = start().await;
    let (code, user_code) = oidc_device::codes(&app).await;
    let fields = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code.as_str())];
    refused(&acme::token(&app, "store", &fields).await, "invalid_grant");
    assert_eq!(oidc_device::decide(&app, &user_code, "allow").await.status, StatusCode::OK);
    refused(&acme::token(&app, "store", &fields).await, "invalid_grant");
    // The other one's tries do not count as its questions: none of them makes it ask too soon.
    let tokens = oidc_device::poll(&app, "tv", &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    refused(&acme::token(&app, "store", &fields).await, "invalid_grant");
    let access = acme::userinfo(&app, text(&tokens.json()["access_token"])).await;
    assert_eq!(access.status, StatusCode::OK, "{}", access.text());

    let asked = [("client_id", "tv"), ("scope", "openid")];
    refused(&post(&app, "/oauth2/device_authorization", "store", &asked).await, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_is_of_the_client_that_pushed_it() {
    let app = start().await;
    let pushed = push(&app, "web", &[]).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    let pushed = pushed.json();
    let named = |client: &str| {
        let named = [("client_id", client), ("request_uri", text(&pushed["request_uri"]))];
        url("/oauth2/authorize", &named.map(|(name, value)| (name.to_owned(), value.to_owned())))
    };
    let answer = app.get(&named("store")).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, None), "{}", answer.text());
    let answer = app.get(&named("web")).await;
    assert!(answer.location_param("code").is_some(), "it has not been used up: {}", answer.text());

    refused(&push(&app, "store", &[]).await, "invalid_request");
    assert_eq!(push(&app, "store", &[("client_id", "store")]).await.status, StatusCode::CREATED, "its own");
}
