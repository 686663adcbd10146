//! What is refused, and where: at the client, or on a page; and what never fails.

use axum::http::{Method, StatusCode};
use domain::oauth::client::ClientPatch;
use serde_json::json;
use service::Ctx;

use crate::{
    acme::{CALLBACK, SECRET, authorize, request, signed_in, url},
    support::{Answer, TestApp},
};

/// The answers to a request by GET, and by POST with and without cookies.
async fn by_every_way(app: &TestApp, changes: &[(&str, &str)]) -> [Answer; 3] {
    let body = serde_urlencoded::to_string(request(changes)).unwrap();
    let post = async |app: &TestApp| {
        let request = app.request(Method::POST, "/oauth2/authorize");
        request.text_body(body.clone(), "application/x-www-form-urlencoded").send().await
    };
    [authorize(app, changes).await, post(app).await, post(&app.browser()).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_answers_in_its_place() {
    let app = signed_in().await;
    let long = "x".repeat(5000);
    for (changes, error) in [
        (vec![("scope", "openid"), ("scope", "email")], "invalid_request"),
        (vec![("state", long.as_str())], "invalid_request"),
        (vec![("request", "e30.e30.")], "request_not_supported"),
        (vec![("request_uri", "https://app.example/r")], "request_uri_not_supported"),
        (vec![("response_mode", "fragment")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "id_token")], "unsupported_response_type"),
        (vec![("response_type", "")], "invalid_request"),
        (vec![("scope", "nothing")], "invalid_scope"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("max_age", "soon")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("resource", "api")], "invalid_target"),
        (vec![("resource", "https://api.example/v2")], "invalid_target"),
        (vec![("resource", "https://api.example/v1"), ("resource", "https://api.example/v2")], "invalid_target"),
        (vec![("id_token_hint", "not.a.token")], "invalid_request"),
    ] {
        for answer in by_every_way(&app, &changes).await {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{changes:?}");
            assert!(answer.location().unwrap().starts_with(CALLBACK), "{changes:?}");
            assert_eq!(answer.location_param("error").as_deref(), Some(error), "{changes:?}");
            assert_eq!(answer.location_param("iss").as_deref(), Some("http://127.0.0.1:8080"));
            assert_eq!(answer.location_param("code"), None);
            if !changes.iter().any(|(name, _)| *name == "state") {
                assert_eq!(answer.location_param("state").as_deref(), Some("s t&"), "{changes:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_or_address_gets_a_page() {
    let app = signed_in().await;
    for changes in [
        vec![("client_id", "nobody")],
        vec![("client_id", "")],
        vec![("client_id", "web"), ("client_id", "web")],
        vec![("redirect_uri", "")],
        vec![("redirect_uri", "https://evil.example/callback")],
        vec![("redirect_uri", "https://app.example/callback/")],
        vec![("redirect_uri", "https://app.example/callback?x=1")],
        vec![("client_id", "machine")],
    ] {
        for answer in by_every_way(&app, &changes).await {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{changes:?}");
            assert_eq!(answer.location(), None);
            assert!(answer.header("content-type").unwrap().starts_with("text/html"));
            assert!(answer.header("content-security-policy").is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_taken_off_the_list_meanwhile_gets_nothing() {
    let app = signed_in().await;
    let visitor = app.browser();
    let flow = authorize(&visitor, &[]).await.location().unwrap().replace("/sign-in", "/oauth2/resume");
    let fields = request(&[]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = app.request(Method::POST, "/oauth2/par").basic("web", SECRET).form(&fields).send().await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    let name = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let pushed =
        url("/oauth2/authorize", &[("client_id".to_owned(), "web".to_owned()), ("request_uri".to_owned(), name)]);
    let client = app.services.directory().client("web").unwrap().client.clone();
    let uris = serde_json::from_value(json!(["https://app.example/other"])).unwrap();
    let patch = ClientPatch { redirect_uris: Some(uris), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), client.application_id, client.id, patch).await.unwrap();
    visitor.sign_in(&app.user("user@example.com").await).await;
    for answer in [visitor.get(&flow).await, app.get(&pushed).await] {
        assert_eq!((answer.status, answer.location()), (StatusCode::BAD_REQUEST, None), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_not_know_never_fails() {
    let app = signed_in().await;
    let changes = [
        ("display", "popup"),
        ("ui_locales", "de id"),
        ("claims_locales", "x"),
        ("acr_values", "1 2"),
        ("login_hint", "someone@example.com"),
        ("claims", "{oops"),
        ("utm", "a"),
        ("utm", "b"),
        ("plan", "no such plan"),
    ];
    let [got, posted, deferred] = by_every_way(&app, &changes).await;
    let resumed = app.get(deferred.location().unwrap()).await;
    for answer in [got, posted, resumed] {
        assert!(answer.location_param("code").is_some(), "{:?}", answer.location());
        assert_eq!(answer.location_param("iss").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(answer.location_param("state").as_deref(), Some("s t&"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

/// People come here with their browsers; no script reads the answer, whoever registered its origin.
#[tokio::test(flavor = "multi_thread")]
async fn no_origin_reads_what_a_person_gets() {
    let app = signed_in().await;
    let path = url("/oauth2/authorize", &request(&[]));
    for origin in ["https://app.example", "https://spa.example", "https://evil.example", "null"] {
        let answer = app.request(Method::GET, &path).header("origin", origin).send().await;
        assert!(answer.location_param("code").is_some(), "{origin}: {:?}", answer.location());
        let preflight = app.request(Method::OPTIONS, &path).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "GET").send().await;
        assert_eq!(preflight.status, StatusCode::METHOD_NOT_ALLOWED, "{origin}");
        for answer in [answer, preflight] {
            let named = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(named, None, "{origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_work_without_cookies_too() {
    let app = signed_in().await;
    let body = serde_urlencoded::to_string(request(&[])).unwrap();
    let post = async |app: &TestApp| {
        let request = app.request(Method::POST, "/oauth2/authorize").header("sec-fetch-site", "cross-site");
        request.text_body(body.clone(), "application/x-www-form-urlencoded").send().await
    };
    let answer = post(&app).await;
    assert!(answer.location_param("code").is_some());

    // The browser keeps its cookie from another site's form, and shows it to the redirect.
    let answer = post(&app.browser()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let resume = answer.location().unwrap().to_owned();
    assert!(resume.starts_with("/oauth2/resume?flow="), "{resume}");
    assert!(app.get(&resume).await.location_param("code").is_some());
}
