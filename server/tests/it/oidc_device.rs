//! Signing in on a device without a browser of its own (RFC 8628).

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::Value;
use service::Ctx;

use crate::{
    acme::{self, claims, signed_in},
    pages_shop::check,
    support::{Answer, TestApp},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn ask(app: &TestApp, client: &str, scope: &str) -> Answer {
    let fields = [("client_id", client), ("scope", scope)];
    app.request(Method::POST, "/oauth2/device_authorization").form(&fields).send().await
}

/// The two codes of a television that asks for everything.
pub async fn codes(app: &TestApp) -> (String, String) {
    codes_of(app, "tv").await
}

/// The two codes of a client that asks for everything.
pub async fn codes_of(app: &TestApp, client: &str) -> (String, String) {
    let answer = ask(app, client, "openid email offline_access").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let said = answer.json();
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (text("device_code"), text("user_code"))
}

pub async fn poll(app: &TestApp, client: &str, code: &str) -> Answer {
    let fields = [("grant_type", GRANT), ("device_code", code), ("client_id", client)];
    app.request(Method::POST, "/oauth2/token").form(&fields).send().await
}

pub async fn decide(app: &TestApp, code: &str, decision: &str) -> Answer {
    app.post_form("/device", &[("user_code", code), ("decision", decision)]).await
}

#[track_caller]
pub fn refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (StatusCode::BAD_REQUEST, Some(error)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_tokens_once_somebody_allows_it() {
    let app = signed_in().await;
    let answer = ask(&app, "tv", "openid email offline_access").await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = answer.json();
    assert_eq!((&said["expires_in"], &said["interval"]), (&Value::from(600), &Value::from(5)));
    let (code, user_code) = (said["device_code"].as_str().unwrap(), said["user_code"].as_str().unwrap());
    let complete = said["verification_uri_complete"].as_str().unwrap();
    assert_eq!(complete, format!("{}?user_code={user_code}", said["verification_uri"].as_str().unwrap()));

    refused(&poll(&app, "tv", code).await, "authorization_pending");
    refused(&poll(&app, "tv", code).await, "slow_down");
    let page = app.get(&format!("/device?user_code={}", user_code.to_lowercase())).await;
    check(&page);
    assert!(page.text().contains("Connect Television?") && page.text().contains(user_code));
    assert!(!page.text().contains("has checked"), "an admin made it");
    assert!(page.text().contains(&format!("/sign-in?to=device&amp;user_code={user_code}")), "{}", page.text());
    app.clock.advance(TimeDelta::seconds(9));
    refused(&poll(&app, "tv", code).await, "slow_down");
    let done = decide(&app, user_code, "allow").await;
    assert_eq!(done.status, StatusCode::OK);
    check(&done);
    assert!(done.text().contains("Television is connected"));

    app.clock.advance(TimeDelta::seconds(15));
    let tokens = poll(&app, "tv", code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    let tokens = tokens.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["email"], &id["aud"]), (&Value::from("user@example.com"), &Value::from("tv")));
    assert_eq!(acme::userinfo(&app, tokens["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let fields = [&refresh[..], &[("client_id", "tv")]].concat();
    let fresh = app.request(Method::POST, "/oauth2/token").form(&fields).send().await;
    assert_eq!(fresh.status, StatusCode::OK, "{}", fresh.text());

    app.clock.advance(TimeDelta::seconds(15));
    assert_eq!(app.services.purge_requests().await.unwrap(), 0, "a used code is kept");
    refused(&poll(&app, "tv", code).await, "invalid_grant");
    let ended = acme::userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED, "a second use ends what the first one got");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_denied_or_comes_too_late() {
    let app = signed_in().await;
    let (code, user_code) = codes(&app).await;
    let done = decide(&app, &user_code, "deny").await;
    check(&done);
    assert!(done.text().contains("Television got no access"));
    refused(&poll(&app, "tv", &code).await, "access_denied");
    let again = decide(&app, &user_code, "allow").await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    check(&again);
    assert!(again.text().contains("No device waits for this code."));

    let (code, user_code) = codes(&app).await;
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(app.services.purge_requests().await.unwrap(), 0, "who asks is told");
    refused(&poll(&app, "tv", &code).await, "expired_token");
    assert_eq!(decide(&app, &user_code, "allow").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_ends_with_its_session_until_it_is_fetched() {
    let app = signed_in().await;
    let ((late, late_code), (early, early_code)) = (codes(&app).await, codes(&app).await);
    for user_code in [&late_code, &early_code] {
        assert_eq!(decide(&app, user_code, "allow").await.status, StatusCode::OK);
    }
    let tokens = poll(&app, "tv", &early).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    assert_eq!(app.post_form("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    refused(&poll(&app, "tv", &late).await, "invalid_grant");
    // What was fetched outlives the sign-out, as a browser's does.
    let tokens = tokens.json();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let fields = [&refresh[..], &[("client_id", "tv")]].concat();
    let fresh = app.request(Method::POST, "/oauth2/token").form(&fields).send().await;
    assert_eq!(fresh.status, StatusCode::OK, "{}", fresh.text());
    // Nor does a new session bring back what ended with the old one.
    app.sign_in(&app.user("user@example.com").await).await;
    app.clock.advance(TimeDelta::seconds(5));
    refused(&poll(&app, "tv", &late).await, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_waits_until_somebody_has_signed_in() {
    let app = acme::start().await;
    let (_, user_code) = codes(&app).await;
    let sent = app.get(&format!("/device?user_code={user_code}")).await;
    let sign_in = sent.location().unwrap().to_owned();
    assert_eq!(sign_in, format!("/sign-in?to=device&user_code={user_code}"));
    let page = app.get(&sign_in).await;
    check(&page);
    assert!(page.text().contains(&format!("action=\"{}\"", sign_in.replace('&', "&amp;"))), "and comes back by it");
    app.sign_in(&app.user("user@example.com").await).await;
    assert_eq!(app.get(&format!("/device?user_code={user_code}")).await.status, StatusCode::OK);
    let nobody = app.browser();
    let sent = decide(&nobody, &user_code, "allow").await;
    assert_eq!(sent.location(), Some(format!("/device?user_code={user_code}").as_str()), "not without a session");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_entered_by_hand_and_not_guessed() {
    let app = signed_in().await;
    let form = app.get("/device").await;
    check(&form);
    assert!(form.text().contains("name=\"user_code\""));
    let odd = app.get("/device?user_code=1234").await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    check(&odd);
    assert!(odd.text().contains("value=\"1234\"") && odd.text().contains("WDJB-MJHT"));
    let (_, user_code) = codes(&app).await;
    for _ in 0..12 {
        assert_eq!(app.get(&format!("/device?user_code={user_code}")).await.status, StatusCode::OK, "a right one");
    }
    for _ in 0..10 {
        assert_eq!(app.get("/device?user_code=BBBB-BBBB").await.status, StatusCode::BAD_REQUEST);
    }
    let limited = app.get(&format!("/device?user_code={user_code}")).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.header("retry-after").is_some());
    check(&limited);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_clients_that_may_get_codes_and_only_their_own() {
    let app = signed_in().await;
    let (code, user_code) = codes(&app).await;
    refused(&ask(&app, "spa", "openid").await, "unauthorized_client");
    refused(&ask(&app, "tv", "nonsense").await, "invalid_scope");
    assert_eq!(ask(&app, "nobody", "openid").await.json()["error"], "invalid_client");
    refused(&poll(&app, "spa", &code).await, "unauthorized_client");
    refused(&poll(&app, "tv", "dc_invented").await, "invalid_grant");
    let outsider = app.user("other@example.com").await;
    let members = app.services.memberships();
    members.revoke(&Ctx::operator(), app.application("acme"), outsider.id).await.unwrap();
    let browser = app.browser();
    browser.sign_in(&outsider).await;
    let gate = decide(&browser, &user_code, "allow").await;
    assert_eq!(gate.status, StatusCode::FORBIDDEN);
    refused(&poll(&app, "tv", &code).await, "authorization_pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_one_of_the_applications() {
    let app = signed_in().await;
    let begin = async |resource: &str| {
        let fields = [("client_id", "tv"), ("scope", "openid"), ("resource", resource)];
        app.request(Method::POST, "/oauth2/device_authorization").form(&fields).send().await
    };
    let long = format!("https://api.example/v1{}", "x".repeat(1 << 15));
    for bad in ["api", "https://api.example/v1#x", "https://api.example/v2", "https://api.example/v1\n", long.as_str()]
    {
        refused(&begin(bad).await, "invalid_target");
    }
    let said = begin("https://api.example/v1").await.json();
    decide(&app, said["user_code"].as_str().unwrap(), "allow").await;
    let tokens = poll(&app, "tv", said["device_code"].as_str().unwrap()).await.json();
    assert_eq!(claims(&tokens["access_token"])["aud"], "https://api.example/v1");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_that_ask_at_once_one_gets_tokens() {
    let app = signed_in().await;
    let (code, user_code) = codes(&app).await;
    decide(&app, &user_code, "allow").await;
    let nodes = [app.browser(), app.another_node().await];
    let asks = (0..50).map(|n| poll(&nodes[n % 2], "tv", &code));
    let answers = futures::future::join_all(asks).await;
    let won = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(won, 1, "the others were too quick");
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::OK) {
        refused(answer, "slow_down");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_decide_at_once_one_does() {
    let app = signed_in().await;
    let (code, user_code) = codes(&app).await;
    let other = app.another_node().await;
    other.sign_in(&app.user("other@example.com").await).await;
    let nodes = [&app, &other];
    let answers = futures::future::join_all((0..20).map(|n| decide(nodes[n % 2], &user_code, "allow"))).await;
    let won: Vec<_> = (0..20).filter(|n| answers[*n].status == StatusCode::OK).collect();
    assert_eq!(won.len(), 1, "{won:?}");
    let tokens = poll(&app, "tv", &code).await.json();
    let email = ["user@example.com", "other@example.com"][won[0] % 2];
    assert_eq!(claims(&tokens["id_token"])["email"], email, "whoever was told so");
}
