//! What users allowed clients, on their own page.

use axum::http::StatusCode;

use crate::{
    acme::{self, CALLBACK, VERIFIER, authorize, introspect, refresh, signed_in, start, token, userinfo},
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
    other.sign_in(&acme::user(&app, "other@example.com").await).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn it_is_for_whoever_is_signed_in() {
    let app = start().await;
    for answer in [app.get(PAGE).await, app.post_form(PAGE, &[("client", "x")]).await] {
        assert_eq!(answer.location(), Some("/sign-in?to=connected"));
    }
    let page = app.get("/sign-in?to=connected").await;
    let html = page.text();
    assert!(html.contains(r#"action="/sign-in?to=connected""#), "{html}");
}
