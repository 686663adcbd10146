//! How clients prove themselves at the token endpoint.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use service::Ctx;

use crate::{
    acme::{SECRET, claims, introspect, refresh, signed_in, start, token, tokens, userinfo},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn clients_prove_themselves() {
    let app = start().await;
    let post = || app.request(Method::POST, "/oauth2/token");
    let cc = ("grant_type", "client_credentials");
    for beyond in ["openid api", "api", "openid\topenid"] {
        let refused = token(&app, "machine", &[cc, ("scope", beyond)]).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_scope"))
        );
    }
    let plain = token(&app, "machine", &[cc, ("scope", "")]).await;
    assert_eq!((plain.status, plain.json().get("scope")), (StatusCode::OK, None));
    let machine = token(&app, "machine", &[cc, ("scope", "openid")]).await;
    assert_eq!(machine.header("cache-control"), Some("no-store"));
    assert_eq!(machine.json()["scope"], "", "none of what was asked for");
    let said = claims(&machine.json()["access_token"]);
    assert_eq!(said["sub"], "machine");
    for absent in ["features", "claims", "plan", "scope", "sid", "auth_time"] {
        assert_eq!(said.get(absent), None, "{absent}");
    }
    // RFC 9068, section 2.2.
    let another = claims(&token(&app, "machine", &[cc]).await.json()["access_token"]);
    assert!(said["jti"].is_string() && another["jti"].is_string(), "{said} {another}");
    assert_ne!(said["jti"], another["jti"]);
    let by_post = post().form(&[cc, ("client_id", "machine"), ("client_secret", SECRET)]).send().await;
    assert_eq!(by_post.status, StatusCode::OK);

    let twice = post().basic("machine", SECRET).form(&[cc, ("client_secret", SECRET)]).send().await;
    assert_eq!((twice.status, &twice.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    for wrong in [
        post().basic("machine", "wrong").form(&[cc]),
        post().basic("nobody", SECRET).form(&[cc]),
        post().header("authorization", "Bearer x").form(&[cc]),
        post().form(&[cc, ("client_id", "machine"), ("client_secret", "wrong")]),
        post().form(&[cc, ("client_id", "machine")]),
        post().form(&[cc]),
        post().form(&[cc, ("client_id", "spa"), ("client_secret", "x")]),
    ] {
        let answer = wrong.send().await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic"));
    }
    for (client, fields, error) in [
        ("machine", vec![("grant_type", "password")], "unsupported_grant_type"),
        ("machine", vec![], "invalid_request"),
        ("machine", vec![cc, cc], "invalid_request"),
        ("machine", vec![("grant_type", "refresh_token"), ("refresh_token", "rt_x")], "unauthorized_client"),
        ("spa", vec![cc], "unauthorized_client"),
        ("web", vec![("grant_type", "refresh_token"), ("refresh_token", "rt_x")], "invalid_grant"),
        ("web", vec![("grant_type", "refresh_token")], "invalid_request"),
    ] {
        let answer = token(&app, client, &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &json!(error)), "{fields:?}");
    }
    let json_body = post().basic("machine", SECRET).json(&json!({"grant_type": "client_credentials"})).send().await;
    assert_eq!(json_body.json()["error"], "invalid_request");
    assert_eq!(app.get("/oauth2/token").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_works_on_for_a_day() {
    let app = start().await;
    let application = app.application("acme");
    let id = app.services.directory().client("machine").unwrap().client.id;
    let new = app.services.clients().rotate_secret(&Ctx::operator(), application, Some(id), false).await.unwrap();
    let with = async |secret: &str| {
        let post = app.request(Method::POST, "/oauth2/token").basic("machine", secret);
        post.form(&[("grant_type", "client_credentials")]).send().await.status
    };
    assert_eq!((with(SECRET).await, with(new.expose()).await), (StatusCode::OK, StatusCode::OK));
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!((with(SECRET).await, with(new.expose()).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    // The next rotation gives the one before the last no further day.
    let third = app.services.clients().rotate_secret(&Ctx::operator(), application, Some(id), false).await.unwrap();
    app.clock.advance(TimeDelta::hours(23));
    let fourth = app.services.clients().rotate_secret(&Ctx::operator(), application, Some(id), false).await.unwrap();
    assert_eq!(with(new.expose()).await, StatusCode::OK);
    app.clock.advance(TimeDelta::hours(1));
    let all = (with(new.expose()).await, with(third.expose()).await, with(fourth.expose()).await);
    assert_eq!(all, (StatusCode::UNAUTHORIZED, StatusCode::OK, StatusCode::OK));
}

/// What a leaked secret opened is shut when the call returns; users notice nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_leaked_secret_ends_at_once() {
    let app = signed_in().await;
    let application = app.application("acme");
    let id = app.services.directory().client("web").unwrap().client.id;
    let cc = [("grant_type", "client_credentials")];
    let own = async |secret: &str| {
        let post = app.request(Method::POST, "/oauth2/token").basic("web", secret);
        post.form(&cc).send().await
    };
    let plans = async |token: &str| app.request(Method::GET, "/api/platform/plans").bearer(token).send().await.status;
    let rotate = async |at_once| {
        app.services.clients().rotate_secret(&Ctx::operator(), application, Some(id), at_once).await.unwrap()
    };
    let of = |answer: &serde_json::Value| answer["access_token"].as_str().unwrap().to_owned();

    let before = of(&own(SECRET).await.json());
    let granted = tokens(&app, &[]).await;
    let second = rotate(false).await;
    assert_eq!((plans(&before).await, own(SECRET).await.status), (StatusCode::OK, StatusCode::OK), "as ever");

    let third = rotate(true).await;
    for ended in [SECRET, second.expose()] {
        assert_eq!(own(ended).await.status, StatusCode::UNAUTHORIZED);
        let basic = app.request(Method::GET, "/api/platform/plans").basic("web", ended).send().await;
        assert_eq!(basic.status, StatusCode::UNAUTHORIZED);
        let asked = app.request(Method::POST, "/oauth2/introspect").basic("web", ended);
        assert_eq!(asked.form(&[("token", &before)]).send().await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(plans(&before).await, StatusCode::UNAUTHORIZED);
    // The clock has not moved: what is made in the same instant with the new secret counts.
    let after = of(&own(third.expose()).await.json());
    assert_eq!(plans(&after).await, StatusCode::OK);
    let asked = async |token: &str| {
        let post = app.request(Method::POST, "/oauth2/introspect").basic("web", third.expose());
        post.form(&[("token", token)]).send().await.json()["active"].clone()
    };
    assert_eq!((asked(&before).await, asked(&after).await), (json!(false), json!(true)));

    // What people granted lives on, and so does another client.
    assert_eq!(userinfo(&app, &of(&granted)).await.status, StatusCode::OK);
    assert_eq!(introspect(&app, "es", &before).await["active"], json!(false), "another's");
    assert_eq!(refresh(&app, "web", granted["refresh_token"].as_str().unwrap()).await.status, StatusCode::UNAUTHORIZED);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", granted["refresh_token"].as_str().unwrap())];
    let refreshed = app.request(Method::POST, "/oauth2/token").basic("web", third.expose()).form(&fields).send().await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text());
    // Once more in the same instant ends what was made meanwhile.
    let fourth = rotate(true).await;
    assert_eq!(plans(&after).await, StatusCode::UNAUTHORIZED);
    assert_eq!(plans(&of(&own(fourth.expose()).await.json())).await, StatusCode::OK);
}

/// Another node may not have heard of the end yet: what it makes with the old secret meanwhile ends with it.
#[tokio::test(flavor = "multi_thread")]
async fn no_node_makes_a_token_that_outlives_its_secret() {
    let app = start().await;
    let other = app.another_node().await;
    let id = app.services.directory().client("machine").unwrap().client.id;
    let clients = app.services.clients();
    clients.rotate_secret(&Ctx::operator(), app.application("acme"), Some(id), true).await.unwrap();
    app.clock.advance(TimeDelta::milliseconds(1));
    let late = token(&other, "machine", &[("grant_type", "client_credentials")]).await.json();
    let plans = async |app: &TestApp| {
        let request = app.request(Method::GET, "/api/platform/plans");
        request.bearer(late["access_token"].as_str().expect("a token")).send().await.status
    };
    assert_eq!(plans(&app).await, StatusCode::UNAUTHORIZED);
    other.services.refresh_directory().await.unwrap();
    assert_eq!(plans(&other).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_takes_json_too() {
    let app = start().await;
    let body = json!({"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET});
    assert_eq!(app.post_json("/api/platform/token", &body).await.json()["token_type"], "Bearer");
    let fields = [("grant_type", "client_credentials"), ("client_id", "machine"), ("client_secret", SECRET)];
    assert_eq!(app.post_form("/api/platform/token", &fields).await.status, StatusCode::OK);
    let wrong = app.post_json("/api/platform/token", &json!({"grant_type": 1})).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    let wrong = app.post_json("/api/platform/token", &json!({"grant_type": "client_credentials"})).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
}
