//! Signing keys that come and go.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::oauth::client::SigningAlg;
use serde_json::Value;
use service::{Ctx, keys::AHEAD};

use crate::{
    acme::{authorize, introspect, refresh, signed_in, tokens, userinfo},
    support::TestApp,
};

async fn kids(app: &TestApp) -> Vec<String> {
    let jwks = app.get("/.well-known/jwks.json").await.json();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &Value) -> String {
    jsonwebtoken::decode_header(token.as_str().unwrap()).unwrap().kid.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_first_and_the_old_one_stays_for_its_tokens() {
    let app = signed_in().await;
    let first = tokens(&app, &[]).await;
    let old = kid(&first["access_token"]);
    let made = app.services.keys().rotate(&Ctx::operator(), &[SigningAlg::RS256], false).await.unwrap();
    let [new] = made.try_into().expect("one key");
    // Once more makes no third one.
    assert!(app.services.keys().rotate(&Ctx::operator(), &[SigningAlg::RS256], false).await.unwrap().is_empty());
    let published = kids(&app).await;
    assert_eq!(published.len(), 4);
    assert!(published.contains(&old) && published.contains(&new));
    assert!(app.get(&format!("/.well-known/keys/{new}.pem")).await.text().starts_with("-----BEGIN PUBLIC KEY"));

    // Whoever kept the set while it was fresh has the key by the time that it signs.
    let kept = app.get("/.well-known/jwks.json").await.header("cache-control").unwrap().to_owned();
    let fresh: i64 = kept.split("max-age=").nth(1).and_then(|rest| rest.split(',').next()).unwrap().parse().unwrap();
    assert!(fresh > 0 && TimeDelta::seconds(2 * fresh) < AHEAD, "{kept}");
    app.clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    let last = refresh(&app, "web", first["refresh_token"].as_str().unwrap()).await.json();
    assert_eq!(kid(&last["access_token"]), old);
    app.clock.advance(TimeDelta::seconds(1));
    let next = refresh(&app, "web", last["refresh_token"].as_str().unwrap()).await.json();
    assert_eq!((kid(&next["access_token"]), kid(&next["id_token"])), (new.clone(), new.clone()));
    for token in [&last["access_token"], &next["access_token"]] {
        assert_eq!(userinfo(&app, token.as_str().unwrap()).await.status, StatusCode::OK);
        assert_eq!(introspect(&app, "web", token.as_str().unwrap()).await["active"], true);
    }

    // Until the last token of the old key is over it stays; then it leaves by itself.
    app.clock.advance(TimeDelta::minutes(119));
    app.services.keys().work().await.unwrap();
    assert!(kids(&app).await.contains(&old));
    app.clock.advance(TimeDelta::minutes(1));
    app.services.keys().work().await.unwrap();
    assert!(!kids(&app).await.contains(&old));
    // Its id_tokens still tell who is meant.
    let hint = last["id_token"].as_str().unwrap();
    let hinted = async || authorize(&app, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert!(hinted().await.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_rotates_in_time_for_every_algorithm() {
    let app = signed_in().await;
    let before = kids(&app).await;
    app.services.keys().work().await.unwrap();
    assert_eq!(kids(&app).await, before);
    app.clock.advance(TimeDelta::days(90) - AHEAD);
    app.services.keys().work().await.unwrap();
    app.services.keys().work().await.unwrap();
    let both = kids(&app).await;
    assert_eq!(both.len(), 6);
    app.clock.advance(AHEAD);
    // The session has been idle for long: somebody signs in again.
    app.sign_in(&app.user("user@example.com").await).await;
    for client in ["web", "es", "ed"] {
        let tokens = tokens(&app, &[("client_id", client)]).await;
        assert!(!before.contains(&kid(&tokens["access_token"])), "{client}");
    }
    app.clock.advance(TimeDelta::hours(2));
    app.services.keys().work().await.unwrap();
    let after = kids(&app).await;
    assert_eq!(after.len(), 3);
    assert!(after.iter().all(|kid| !before.contains(kid)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_known_to_others_counts_no_more() {
    let app = signed_in().await;
    let node = app.another_node().await;
    let tokens = tokens(&app, &[]).await;
    let access = tokens["access_token"].as_str().unwrap();
    app.services.keys().rotate(&Ctx::operator(), &SigningAlg::ALL, true).await.unwrap();
    node.services.refresh_directory().await.unwrap();
    for node in [&app, &node] {
        assert_eq!(userinfo(node, access).await.status, StatusCode::UNAUTHORIZED);
        assert!(!kids(node).await.contains(&kid(&tokens["access_token"])));
    }
    let hint = tokens["id_token"].as_str().unwrap();
    let hinted = authorize(&app, &[("id_token_hint", hint)]).await;
    assert_eq!(hinted.location_param("error").as_deref(), Some("invalid_request"));
    // The refresh token is no JWT: who has it goes on, with tokens of the new key.
    let next = refresh(&app, "web", tokens["refresh_token"].as_str().unwrap()).await.json();
    assert_eq!(userinfo(&app, next["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_operator_rotates() {
    let app = signed_in().await;
    assert!(app.services.keys().rotate(&Ctx::anonymous(), &SigningAlg::ALL, false).await.is_err());
    assert!(app.services.keys().list(&Ctx::anonymous()).is_err());
}
