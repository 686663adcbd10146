//! What users allowed clients, on their own page.

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    acme::{self, CALLBACK, VERIFIER, authorize, introspect, redeem, refresh, signed_in, start, token, userinfo},
    oidc_device,
    support::TestApp,
};

const PAGE: &str = "/account/connected";

async fn connect(app: &TestApp, client: &str) -> serde_json::Value {
    let asked = [("client_id", client), ("scope", "openid email offline_access")];
    let answer = authorize(app, &asked).await;
    let page = answer.location().unwrap().to_owned();
    let answer =
        if page.starts_with("/consent") { app.post_form(&page, &[("decision", "allow")]).await } else { answer };
    let code = answer.location_param("code").expect("a code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    token(app, client, &fields).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_listed_and_taken_back() {
    let app = signed_in().await;
    assert!(app.get(PAGE).await.text().contains("No application"));
    let (third, web) = (connect(&app, "third").await, connect(&app, "web").await);
    let page = app.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    assert!(html.contains("Third party") && html.contains("See your email address"), "{html}");
    let id = app.services.directory().client("third").unwrap().client.id.to_string();
    assert!(html.contains(&id));
    // Another user takes back nothing of it.
    let other = app.browser();
    other.sign_in(&app.user("other@example.com").await).await;
    other.post_form(PAGE, &[("client", &id)]).await;
    let access = third["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&app, access).await.status, StatusCode::OK);

    let answer = app.post_form(PAGE, &[("client", &id)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, Some(PAGE)));
    let page = app.get(PAGE).await;
    let html = page.text();
    assert!(!html.contains("Third party") && html.contains("Web"), "{html}");
    assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(introspect(&app, "third", access).await["active"], false);
    assert_eq!(refresh(&app, "third", third["refresh_token"].as_str().unwrap()).await.json()["error"], "invalid_grant");
    assert!(
        authorize(&app, &[("client_id", "third"), ("scope", "openid")])
            .await
            .location()
            .unwrap()
            .starts_with("/consent?")
    );
    assert_eq!(userinfo(&app, web["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
    for odd in ["", "x", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"] {
        assert_eq!(app.post_form(PAGE, &[("client", odd)]).await.status, StatusCode::SEE_OTHER);
    }
}

/// What was allowed before it was taken back gives nothing, though nobody has fetched it yet.
#[tokio::test(flavor = "multi_thread")]
async fn codes_on_their_way_are_taken_back_too() {
    let app = signed_in().await;
    let take_back = async |client: &str| {
        let id = app.services.directory().client(client).unwrap().client.id.to_string();
        assert_eq!(app.post_form(PAGE, &[("client", &id)]).await.status, StatusCode::SEE_OTHER);
    };
    let of_third = [("client_id", "third"), ("scope", "openid email offline_access")];
    connect(&app, "third").await;
    let (third, web) = (acme::code(&app, &of_third).await, acme::code(&app, &[]).await);
    let es = acme::code(&app, &[("client_id", "es")]).await;
    let (device, user_code) = oidc_device::codes(&app).await;
    assert_eq!(oidc_device::decide(&app, &user_code, "allow").await.status, StatusCode::OK);
    app.clock.advance(TimeDelta::seconds(5));
    for client in ["third", "web", "tv"] {
        take_back(client).await;
    }
    app.clock.advance(TimeDelta::seconds(5));
    // Allowing it again makes nothing of what was before good.
    connect(&app, "third").await;
    for (client, code) in [("third", &third), ("web", &web)] {
        assert_eq!(redeem(&app, client, code).await.json()["error"], "invalid_grant", "{client}");
    }
    oidc_device::refused(&oidc_device::poll(&app, "tv", &device).await, "invalid_grant");
    let page = app.get(PAGE).await;
    let html = page.text();
    assert!(html.contains("Third party") && !html.contains("Television"), "{html}");
    assert_eq!(redeem(&app, "es", &es).await.status, StatusCode::OK, "another client's");

    let web = acme::code(&app, &[]).await;
    assert_eq!(redeem(&app, "web", &web).await.status, StatusCode::OK);
    let (device, user_code) = oidc_device::codes(&app).await;
    assert_eq!(oidc_device::decide(&app, &user_code, "allow").await.status, StatusCode::OK);
    assert_eq!(oidc_device::poll(&app, "tv", &device).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_whoever_is_signed_in() {
    let app = start().await;
    assert_eq!(app.get(PAGE).await.location(), Some("/sign-in?to=connected"));
    let lost = app.post_form(PAGE, &[("client", "x")]).await;
    assert_eq!(lost.location(), Some("/sign-in?to=connected&ended"));
    let page = app.get("/sign-in?to=connected").await;
    let html = page.text();
    assert!(html.contains(r#"action="/sign-in?to=connected""#), "{html}");
}

/// Whoever takes it back has read the clock before a code was made that still went by what they had allowed.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_made_meanwhile_gives_nothing_either() {
    let app = signed_in().await;
    connect(&app, "third").await;
    let code = acme::code(&app, &[("client_id", "third"), ("scope", "openid email offline_access")]).await;
    let before = app.services.now() - TimeDelta::seconds(1);
    let sql = format!("UPDATE consents SET scopes = '', revoked_at = {}", before.timestamp_millis());
    app.test.execute(&sql).await;
    assert_eq!(redeem(&app, "third", &code).await.json()["error"], "invalid_grant");
}
