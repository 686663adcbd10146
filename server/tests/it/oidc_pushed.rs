//! Pushed authorization requests (RFC 9126).

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::oauth::client::ClientPatch;
use serde_json::{Value, json};
use service::Ctx;

use crate::{
    acme::{self, CALLBACK, SECRET, request, signed_in, url},
    support::{Answer, TestApp},
};

/// Pushes the request of the client `web`, changed as in [`acme::request`].
async fn push(app: &TestApp, changes: &[(&str, &str)]) -> Answer {
    let fields = request(changes);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.request(Method::POST, "/oauth2/par").basic("web", SECRET).form(&fields).send().await
}

async fn name(app: &TestApp, changes: &[(&str, &str)]) -> String {
    let answer = push(app, changes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = answer.json();
    assert_eq!(said["expires_in"], 90);
    said["request_uri"].as_str().unwrap().to_owned()
}

async fn come(app: &TestApp, client: &str, name: &str) -> Answer {
    let pairs =
        [("client_id", client), ("request_uri", name), ("scope", "ignored"), ("redirect_uri", "https://evil.example/")];
    app.get(&url("/oauth2/authorize", &pairs.map(|(k, v)| (k.to_owned(), v.to_owned())))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_is_its_client_s() {
    let app = signed_in().await;
    let pushed = name(&app, &[("state", "pushed")]).await;
    let answer = come(&app, "web", &pushed).await;
    assert!(answer.location().unwrap().starts_with(CALLBACK));
    assert_eq!(answer.location_param("state").as_deref(), Some("pushed"));
    let tokens = acme::redeem(&app, "web", &answer.location_param("code").unwrap()).await.json();
    assert_eq!(tokens["scope"], "openid profile email offline_access");

    let again = come(&app, "web", &pushed).await;
    assert_eq!((again.status, again.location()), (StatusCode::BAD_REQUEST, None));
    let foreign = name(&app, &[]).await;
    assert_eq!(come(&app, "es", &foreign).await.status, StatusCode::BAD_REQUEST);
    assert!(come(&app, "web", &foreign).await.location_param("code").is_some(), "it is not used up by that");
    let late = name(&app, &[]).await;
    app.clock.advance(TimeDelta::seconds(90));
    assert_eq!(come(&app, "web", &late).await.status, StatusCode::BAD_REQUEST);
    let invented = "urn:ietf:params:oauth:request_uri:x";
    assert_eq!(come(&app, "web", invented).await.status, StatusCode::BAD_REQUEST);
}

/// A browser may look ahead, reload or come back, and what looks at links for somebody comes first.
#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_request_works_until_it_is_answered() {
    let app = signed_in().await;
    let visitor = app.browser();
    let pushed = name(&app, &[]).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        pages.push(come(&visitor, "web", &pushed).await.location().unwrap().to_owned());
        assert!(pages.iter().all(|page| page.starts_with("/sign-in?")), "{pages:?}");
    }
    let code = come(&app, "web", &pushed).await.location_param("code");
    assert!(code.is_some());
    assert_eq!(come(&visitor, "web", &pushed).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(visitor.get(&pages[1]).await.status, StatusCode::OK, "what has begun goes on");

    let silent = name(&app, &[("prompt", "none")]).await;
    let refused = come(&visitor, "web", &silent).await;
    assert_eq!(refused.location_param("error").as_deref(), Some("login_required"));
    assert_eq!(come(&app, "web", &silent).await.status, StatusCode::BAD_REQUEST, "that was the answer");

    // The user says no to it.
    let asked = request(&[("client_id", "third"), ("scope", "openid")]);
    let fields: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let third = app.request(Method::POST, "/oauth2/par").basic("third", SECRET).form(&fields).send().await.json();
    let third = third["request_uri"].as_str().unwrap();
    let page = come(&app, "third", third).await.location().unwrap().to_owned();
    assert!(page.starts_with("/consent?"), "{page}");
    assert_eq!(come(&app, "third", third).await.status, StatusCode::SEE_OTHER);
    let denied = app.post_form(&page, &[("decision", "deny")]).await;
    assert_eq!(denied.location_param("error").as_deref(), Some("access_denied"));
    assert_eq!(come(&app, "third", third).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_beside_its_name_is_dropped_that_may_not_be() {
    let app = signed_in().await;
    for (beside, error) in [
        (vec![("request", "e30.e30.")], Some("invalid_request")),
        (vec![("scope", "openid"), ("scope", "email")], Some("invalid_request")),
        (vec![("utm", "a"), ("utm", "b"), ("state", "ignored")], None),
    ] {
        let pushed = name(&app, &[("state", "pushed")]).await;
        let pairs = [vec![("client_id", "web"), ("request_uri", pushed.as_str())], beside.clone()].concat();
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let answer = app.get(&url("/oauth2/authorize", &pairs)).await;
        assert!(answer.location().unwrap().starts_with(CALLBACK), "{beside:?}");
        assert_eq!(answer.location_param("error").as_deref(), error, "{beside:?}");
        assert_eq!(answer.location_param("state").as_deref(), Some("pushed"), "{beside:?}");
        assert_eq!(answer.location_param("code").is_some(), error.is_none(), "{beside:?}");
        assert_eq!(come(&app, "web", &pushed).await.status, StatusCode::BAD_REQUEST, "{beside:?}: it had its answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_refuses_is_refused_at_once() {
    let app = signed_in().await;
    for (changes, error) in [
        (vec![("redirect_uri", "https://evil.example/")], "invalid_request"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("scope", "nothing")], "invalid_scope"),
        (vec![("resource", "https://api.example/v2")], "invalid_target"),
        (vec![("resource", "https://api.example/v1"), ("resource", "https://api.example/v2")], "invalid_target"),
        (vec![("request_uri", "urn:ietf:params:oauth:request_uri:x")], "request_uri_not_supported"),
        (vec![("id_token_hint", "x")], "invalid_request"),
        (vec![("client_id", "es")], "invalid_request"),
    ] {
        let answer = push(&app, &changes).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &json!(error)), "{changes:?}");
    }
    let anonymous = app.request(Method::POST, "/oauth2/par").form(&[("client_id", "web")]).send().await;
    assert_eq!((anonymous.status, &anonymous.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    assert_eq!(app.get("/oauth2/par").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_have_to_push() {
    let app = signed_in().await;
    let (application, id) = (app.application("acme"), app.services.directory().client("web").unwrap().client.id);
    let patch = ClientPatch { require_pushed: Some(true), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), application, id, patch).await.unwrap();
    let plain = acme::authorize(&app, &[]).await;
    assert_eq!(plain.location_param("error").as_deref(), Some("invalid_request"));
    let pushed = name(&app, &[]).await;
    assert!(come(&app, "web", &pushed).await.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_names_the_endpoint() {
    let app = acme::start().await;
    let document: Value = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["pushed_authorization_request_endpoint"], "http://127.0.0.1:8080/oauth2/par");
    let methods = document["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(methods.contains(&json!("private_key_jwt")));
    assert!(document["token_endpoint_auth_signing_alg_values_supported"].as_array().unwrap().contains(&json!("ES256")));
}
