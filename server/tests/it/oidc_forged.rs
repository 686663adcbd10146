//! Tokens that this server did not make, or not like that: refused wherever tokens come back to it.

use axum::http::{Method, StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::TimeDelta;
use domain::id::SessionId;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::{Ctx, crypto::base64url, keys::TokenType, testing::client_key::ClientKey};

use crate::{
    acme::{self, authorize, claims, introspect, signed_in, tokens, userinfo},
    rest::refused,
    support::TestApp,
};

fn header(token: &str) -> Value {
    serde_json::from_slice(&B64.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// Forgeries of a genuine token, each with what was done to it.
async fn forgeries(app: &TestApp, genuine: &Value) -> Vec<(&'static str, String)> {
    let token = genuine.as_str().unwrap();
    let (header, said) = (header(token), claims(genuine));
    let parts: Vec<_> = token.split('.').collect();
    let kid = header["kid"].as_str().unwrap();
    let swapped = if header["alg"] == "ES256" { "RS256" } else { "ES256" };
    let jwks = app.get("/.well-known/jwks.json").await.json();
    let others: Vec<_> =
        jwks["keys"].as_array().unwrap().iter().filter(|key| key["kid"] != kid).map(|key| key["kid"].clone()).collect();
    let pem = app.get(&format!("/.well-known/keys/{kid}.pem")).await.body;
    let (foreign, evil) = (ClientKey::new(kid), {
        let mut said = said.clone();
        said["sub"] = json!("0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f");
        said
    });
    let with = |changes: Value| {
        let mut header = header.clone();
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        header
    };
    let part = |value: &Value| base64url(value.to_string());
    let joined = |header: &Value, payload: &str, signature: &str| format!("{}.{payload}.{signature}", part(header));
    let by_secret = |secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        (header.kid, header.typ) = (Some(kid.into()), with(json!({}))["typ"].as_str().map(Into::into));
        jsonwebtoken::encode(&header, &said, &EncodingKey::from_secret(secret)).unwrap()
    };
    let mut bad = parts[2].as_bytes().to_vec();
    bad[10] = if bad[10] == b'A' { b'B' } else { b'A' };
    vec![
        ("alg none, no signature", joined(&with(json!({"alg": "none"})), parts[1], "")),
        ("alg none, the signature kept", joined(&with(json!({"alg": "none"})), parts[1], parts[2])),
        ("alg nOnE", joined(&with(json!({"alg": "nOnE"})), parts[1], "")),
        ("swapped alg, its signature", joined(&with(json!({"alg": swapped})), parts[1], parts[2])),
        ("swapped alg of the family", joined(&with(json!({"alg": "PS256"})), parts[1], parts[2])),
        ("the public key as a shared secret", by_secret(&pem)),
        ("no secret at all", by_secret(b"")),
        ("wrong kid", joined(&with(json!({"kid": others[0]})), parts[1], parts[2])),
        ("unknown kid", joined(&with(json!({"kid": "unknown"})), parts[1], parts[2])),
        ("a foreign key under our kid", foreign.sign_with(&with(json!({"alg": "ES256"})), &said)),
        (
            "a foreign key under the kid of its kind",
            foreign.sign_with(&with(json!({"alg": "ES256", "kid": others[0]})), &said),
        ),
        ("a key in the header", foreign.sign_with(&with(json!({"alg": "ES256", "jwk": foreign.jwk()})), &said)),
        (
            "an address of a key",
            foreign.sign_with(&with(json!({"alg": "ES256", "jku": "https://evil.example"})), &said),
        ),
        ("another subject", joined(&header, &part(&evil), parts[2])),
        ("another header", joined(&with(json!({"x": 1})), parts[1], parts[2])),
        ("a bent signature", joined(&header, parts[1], std::str::from_utf8(&bad).unwrap())),
        ("a cut signature", token[..token.len() - 4].to_owned()),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("no third part", format!("{}.{}", parts[0], parts[1])),
        ("a fourth part", format!("{token}.{}", parts[2])),
        ("padding", format!("{token}=")),
        ("JSON", json!({"payload": parts[1], "protected": parts[0], "signature": parts[2]}).to_string()),
    ]
}

/// A genuine token with other claims, signed by our own key.
fn resigned(app: &TestApp, client: &str, kind: TokenType, genuine: &Value, changes: Value) -> String {
    let mut said = claims(genuine);
    said.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    said.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let directory = app.services.directory();
    let alg = directory.client(client).unwrap().client.settings.id_token_alg;
    directory.keys.sign(alg, kind, &said, app.services.now()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_access_tokens_open_nothing() {
    let app = signed_in().await;
    for client in ["web", "es", "ed"] {
        let tokens = tokens(&app, &[("client_id", client)]).await;
        let mut forged = forgeries(&app, &tokens["access_token"]).await;
        forged.push(("an id_token", tokens["id_token"].as_str().unwrap().to_owned()));
        for (name, changes) in [
            ("another issuer", json!({"iss": "http://127.0.0.1:8081"})),
            ("an issuer with a slash", json!({"iss": "http://127.0.0.1:8080/"})),
            ("no issuer", json!({"iss": null})),
            ("no audience", json!({"aud": null})),
        ] {
            forged.push((name, resigned(&app, client, TokenType::Access, &tokens["access_token"], changes)));
        }
        for (name, token) in forged {
            if token == tokens["access_token"] {
                panic!("{name} is genuine");
            }
            let answer = userinfo(&app, &token).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{client}: {name}");
            assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""), "{name}");
            assert_eq!(introspect(&app, client, &token).await, json!({"active": false}), "{client}: {name}");
        }
        assert_eq!(userinfo(&app, tokens["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
    }
}

/// RFC 9068, section 4: what another audience was given opens nothing here. It is alive for an API of the application.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_other_audiences_open_nothing_of_ours() {
    let app = signed_in().await;
    let at = |path: &'static str, token: &str| app.request(Method::GET, path).bearer(token).send();
    let (user, platform) = ("/api/user/subscription", "/api/platform/plans");
    let genuine = tokens(&app, &[]).await["access_token"].clone();
    let machine = [("grant_type", "client_credentials")];
    let machine = acme::token(&app, "machine", &machine).await.json()["access_token"].clone();
    let (shop, id) = (app.application("shop"), app.application("acme"));
    for (name, aud, alive) in [
        ("a resource", json!("https://api.example/v1"), true),
        ("a resource of nobody", json!("https://api.example/v2"), false),
        ("another application", json!(shop), false),
        ("the client", json!("web"), false),
        ("the issuer", json!("http://127.0.0.1:8080"), false),
    ] {
        let seen = async |client: &str, token: &str| {
            let mut seen = introspect(&app, client, token).await;
            let active = seen.as_object_mut().unwrap().remove("active");
            // What is not active says nothing else.
            assert_eq!((active, seen == json!({})), (Some(json!(alive)), !alive), "{client}: {name}");
        };
        let token = resigned(&app, "web", TokenType::Access, &genuine, json!({"aud": aud}));
        let answer = userinfo(&app, &token).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""), "{name}");
        refused(&at(user, &token).await, 401, "AUTH_003");
        seen("web", &token).await;
        let token = resigned(&app, "machine", TokenType::Access, &machine, json!({"aud": aud}));
        refused(&at(platform, &token).await, 401, "AUTH_003");
        seen("machine", &token).await;
    }
    let ours = resigned(&app, "web", TokenType::Access, &genuine, json!({"aud": id}));
    assert_eq!(userinfo(&app, &ours).await.status, StatusCode::OK);
    assert_eq!(at(user, &ours).await.status, StatusCode::OK);
    let ours = resigned(&app, "machine", TokenType::Access, &machine, json!({"aud": id}));
    assert_eq!(at(platform, &ours).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_hints_are_no_hints() {
    let app = signed_in().await;
    let user = app.user("user@example.com").await;
    let tokens = tokens(&app, &[]).await;
    let hinted = async |client: &str, hint: &str| {
        authorize(&app, &[("client_id", client), ("prompt", "none"), ("id_token_hint", hint)]).await
    };
    let bye = "https://app.example/bye";
    // The same keys, another issuer: a server that was renamed, or one that began as a copy of this one.
    let renamed = app.node_called("http://127.0.0.1:8081").await;
    renamed.sign_in(&user).await;
    for client in ["web", "es", "ed"] {
        let own = app.browser();
        own.sign_in(&user).await;
        let genuine = acme::tokens(&own, &[("client_id", client)]).await;
        let mut forged = forgeries(&app, &genuine["id_token"]).await;
        forged.push(("an access token", genuine["access_token"].as_str().unwrap().to_owned()));
        let other = acme::tokens(&app, &[("client_id", "plain")]).await;
        forged.push(("of another client", other["id_token"].as_str().unwrap().to_owned()));
        let other = acme::tokens(&renamed, &[("client_id", client)]).await;
        assert_eq!(claims(&other["id_token"])["iss"], "http://127.0.0.1:8081");
        forged.push(("of another issuer", other["id_token"].as_str().unwrap().to_owned()));
        let logout = async |hint: &str| {
            let pairs = [("id_token_hint", hint), ("client_id", client), ("post_logout_redirect_uri", bye)];
            own.post_form("/oauth2/logout", &pairs).await
        };
        for (name, hint) in &forged {
            let error = hinted(client, hint).await.location_param("error");
            assert_eq!(error.as_deref(), Some("invalid_request"), "{client}: {name}");
            assert_eq!(logout(hint).await.location(), Some("/sign-out"), "{client}: {name}");
            assert!(own.cookie("turnpike_session").is_some(), "{client}: {name}");
        }
        let hint = genuine["id_token"].as_str().unwrap();
        assert!(hinted(client, hint).await.location_param("code").is_some(), "{client}");
        assert_eq!(logout(hint).await.location(), Some(bye), "{client}");
    }
    // A session that nobody knows any more is no reason to end another.
    let gone = app.browser();
    gone.sign_in(&user).await;
    let unknown = acme::tokens(&gone, &[]).await;
    let sid = claims(&unknown["id_token"])["sid"].as_str().unwrap().parse::<SessionId>().unwrap();
    app.services.sessions().end(&Ctx::anonymous(), sid).await.unwrap();
    app.clock.advance(TimeDelta::days(2));
    app.services.purge().await.unwrap();
    let pairs = [("id_token_hint", unknown["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", bye)];
    assert_eq!(app.post_form("/oauth2/logout", &pairs).await.location(), Some("/sign-out"));
    assert!(app.cookie("turnpike_session").is_some());
    // Its age alone is forgiven.
    app.clock.advance(TimeDelta::days(1));
    assert!(hinted("web", tokens["id_token"].as_str().unwrap()).await.location_param("code").is_some());
    let expired = userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    assert_eq!(introspect(&app, "web", tokens["access_token"].as_str().unwrap()).await, json!({"active": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_ends_its_own_session_only() {
    let app = signed_in().await;
    let other = app.browser();
    other.sign_in(&app.user("other@example.com").await).await;
    let (own, others) = (tokens(&app, &[]).await["id_token"].clone(), tokens(&other, &[]).await["id_token"].clone());
    let bye = "https://app.example/bye";
    let logout = async |sid: &Value| {
        let hint = resigned(&app, "web", TokenType::Id, &own, json!({ "sid": sid }));
        app.post_form("/oauth2/logout", &[("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", bye)]).await
    };
    for sid in [Value::Null, claims(&others)["sid"].clone()] {
        assert_eq!(logout(&sid).await.location(), Some("/sign-out"), "{sid}");
        for browser in [&app, &other] {
            assert!(authorize(browser, &[("prompt", "none")]).await.location_param("code").is_some(), "{sid}");
        }
    }
    assert_eq!(logout(&claims(&own)["sid"]).await.location(), Some(bye));
}
