//! Clients that prove themselves by a key (RFC 7523).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    Secret,
    oauth::{
        client::{ClientId, ClientPatch, ClientSettings, ClientType, GrantType},
        client_keys::ClientKeys,
        jwk::ClientAlg,
    },
    text::Name,
};
use serde_json::{Value, json};
use service::{
    Ctx,
    application::clients::NewClient,
    crypto,
    oauth::PresentedCredentials,
    testing::{
        TestServices,
        client_key::ClientKey,
        http::{Answer as Reply, HttpServer, Reply as Outcome},
    },
};

use crate::{
    acme::{self, SECRET, claims, start},
    support::{Answer, TestApp},
};

const ISSUER: &str = "http://127.0.0.1:8080";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const CC: (&str, &str) = ("grant_type", "client_credentials");

/// Makes the client `signer` with these keys; it gets no secret.
pub async fn signer(app: &TestApp, keys: Value) -> Option<Secret> {
    let mut settings = ClientSettings::new(Name::parse("Signer").unwrap());
    settings.keys = Some(serde_json::from_value::<ClientKeys>(keys).expect("keys"));
    settings.skip_consent = true;
    settings.redirect_uris = serde_json::from_value(json!([acme::CALLBACK])).unwrap();
    let new =
        NewClient { client_id: Some(ClientId::parse("signer").unwrap()), kind: ClientType::Confidential, settings };
    let application = app.application("acme");
    app.services.clients().create(&Ctx::operator(), application, new).await.expect("a client").1
}

/// The claims of a good assertion, with some replaced, or taken away by null.
pub fn said(app: &TestApp, jti: &str, changes: Value) -> Value {
    let now = app.services.now().timestamp();
    let mut claims =
        json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60 });
    for (name, value) in changes.as_object().expect("changes") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

pub async fn by_assertion(app: &TestApp, path: &str, assertion: &str, fields: &[(&str, &str)]) -> Answer {
    let proof = [("client_assertion_type", TYPE), ("client_assertion", assertion)];
    app.request(Method::POST, path).form(&[fields, &proof].concat()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_proves_a_client_wherever_clients_prove_themselves() {
    let app = start().await;
    let key = ClientKey::new("k1");
    assert!(signer(&app, json!({ "jwks": { "keys": [key.jwk()] } })).await.is_none());
    let token = |jti: &str| key.sign(&said(&app, jti, json!({})));
    let answer = by_assertion(&app, "/oauth2/token", &token("1"), &[CC]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let access = answer.json()["access_token"].clone();
    assert_eq!(claims(&access)["sub"], "signer");
    let access = access.as_str().unwrap();
    let named = [("token", access), ("client_id", "signer")];
    let seen = by_assertion(&app, "/oauth2/introspect", &token("2"), &named).await.json();
    assert_eq!(seen["active"], true);
    assert_eq!(by_assertion(&app, "/oauth2/revoke", &token("3"), &named).await.status, StatusCode::OK);
    let seen = by_assertion(&app, "/oauth2/introspect", &token("4"), &named).await.json();
    assert_eq!(seen, json!({"active": false}));
    for aud in [json!(format!("{ISSUER}/oauth2/token")), json!([ISSUER, format!("{ISSUER}/oauth2/token")])] {
        let good = key.sign(&said(&app, &format!("a{aud}"), json!({ "aud": aud })));
        assert_eq!(by_assertion(&app, "/oauth2/token", &good, &[CC]).await.status, StatusCode::OK, "{aud}");
    }
    let platform = "/api/platform/token";
    let good = key.sign(&said(&app, "platform", json!({ "aud": format!("{ISSUER}{platform}") })));
    assert_eq!(by_assertion(&app, platform, &good, &[CC]).await.status, StatusCode::OK);
    // The same one again, however many come at once.
    let once = token("5");
    let answers = futures(20, || by_assertion(&app, "/oauth2/token", &once, &[CC])).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    let id = app.services.directory().client("signer").unwrap().client.id;
    let patch = ClientPatch { grants: Some([GrantType::DeviceCode].into()), ..ClientPatch::default() };
    let application = app.application("acme");
    app.services.clients().update(&Ctx::operator(), application, id, patch).await.unwrap();
    let device = "/oauth2/device_authorization";
    let good = key.sign(&said(&app, "device", json!({ "aud": format!("{ISSUER}{device}") })));
    let answer = by_assertion(&app, device, &good, &[("scope", "openid")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_of_any_kind_that_we_announce() {
    let app = start().await;
    let keys = ClientAlg::ALL.map(|alg| ClientKey::by(alg, alg.as_str()));
    let published: Vec<_> = keys.iter().map(ClientKey::jwk).collect();
    signer(&app, json!({ "jwks": { "keys": published } })).await;
    for key in &keys {
        let good = key.sign(&said(&app, &key.kid, json!({})));
        let answer = by_assertion(&app, "/oauth2/token", &good, &[CC]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}: {}", key.kid, answer.text());
        assert_eq!(claims(&answer.json()["access_token"])["sub"], "signer", "{}", key.kid);
        // Another key of the same kind and name signs for nobody.
        let foreign = ClientKey::by(key.alg, &key.kid).sign(&said(&app, "foreign", json!({})));
        let answer = by_assertion(&app, "/oauth2/token", &foreign, &[CC]).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_is_remembered_while_it_counts() {
    let app = start().await;
    let key = ClientKey::new("k1");
    signer(&app, json!({ "jwks": { "keys": [key.jwk()] } })).await;
    let once = key.sign(&said(&app, "once", json!({})));
    assert_eq!(by_assertion(&app, "/oauth2/token", &once, &[CC]).await.status, StatusCode::OK);
    // Its end and the leeway, less a second.
    app.clock.advance(TimeDelta::seconds(119));
    app.services.purge().await.unwrap();
    let again = by_assertion(&app, "/oauth2/token", &once, &[CC]).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.text().contains("has been used"), "{}", again.text());
}

async fn futures<F: Future<Output = Answer>>(count: usize, make: impl Fn() -> F) -> Vec<Answer> {
    ::futures::future::join_all((0..count).map(|_| make())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_proves_it() {
    let app = start().await;
    let (key, foreign) = (ClientKey::new("k1"), ClientKey::new("k1"));
    signer(&app, json!({ "jwks": { "keys": [key.jwk()] } })).await;
    let now = app.services.now().timestamp();
    let claims = |changes: Value| said(&app, "1", changes);
    let good = claims(json!({}));
    let bent = {
        let token = key.sign(&good);
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        format!("{header}.{}.{signature}", crypto::base64url(claims(json!({ "jti": "2" })).to_string()))
    };
    let none = format!("{}.{}.", crypto::base64url(r#"{"alg":"none"}"#), crypto::base64url(good.to_string()));
    let shared = jsonwebtoken::encode(
        &jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256),
        &good,
        &jsonwebtoken::EncodingKey::from_secret(key.jwk()["x"].as_str().unwrap().as_bytes()),
    )
    .unwrap();
    let embedded = json!({ "alg": "ES256", "jwk": foreign.jwk() });
    for (name, assertion) in [
        ("a foreign key of the same name", foreign.sign(&good)),
        ("a key in the header", foreign.sign_with(&embedded, &good)),
        ("another name", key.sign_with(&json!({ "alg": "ES256", "kid": "k2" }), &good)),
        ("another algorithm", key.sign_with(&json!({ "alg": "RS256", "kid": "k1" }), &good)),
        ("no algorithm", none),
        ("the public key as a secret", shared),
        ("bent", bent),
        ("not a token", "x.y.z".into()),
        ("another issuer", key.sign(&claims(json!({ "iss": "web" })))),
        ("another client", key.sign(&claims(json!({ "sub": "web", "iss": "web" })))),
        ("another audience", key.sign(&claims(json!({ "aud": "https://other.example" })))),
        ("an audience of more than us", key.sign(&claims(json!({ "aud": [ISSUER, "https://other.example"] })))),
        ("no audience", key.sign(&claims(json!({ "aud": null })))),
        ("an empty audience", key.sign(&claims(json!({ "aud": [] })))),
        ("expired", key.sign(&claims(json!({ "exp": now - 61 })))),
        ("no end", key.sign(&claims(json!({ "exp": null })))),
        ("for too long", key.sign(&claims(json!({ "exp": now + 7200 })))),
        ("not yet", key.sign(&claims(json!({ "nbf": now + 120 })))),
        ("made in the future", key.sign(&claims(json!({ "iat": now + 120 })))),
        ("no name", key.sign(&claims(json!({ "jti": null })))),
        ("a proof of DPoP", key.sign_with(&json!({ "alg": "ES256", "kid": "k1", "typ": "dpop+jwt" }), &good)),
        ("an access token", key.sign_with(&json!({ "alg": "ES256", "kid": "k1", "typ": "at+jwt" }), &good)),
        ("no kind", key.sign_with(&json!({ "alg": "ES256", "kid": "k1", "typ": null }), &good)),
        ("an endless name", key.sign(&claims(json!({ "jti": "x".repeat(300) })))),
    ] {
        let answer = by_assertion(&app, "/oauth2/token", &assertion, &[CC]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(answer.json()["error"], "invalid_client", "{name}");
    }
    let post = || app.request(Method::POST, "/oauth2/token");
    let good = key.sign(&good);
    // A secret is none, another type is none, and two ways at once are none.
    let secret = post().form(&[CC, ("client_id", "signer"), ("client_secret", SECRET)]).send().await;
    assert_eq!(secret.json()["error"], "invalid_client");
    let saml = [CC, ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")];
    let saml = post().form(&[saml.as_slice(), &[("client_assertion", &good)]].concat()).send().await;
    assert_eq!(saml.json()["error"], "invalid_client");
    let both = post().basic("web", SECRET).form(&[CC, ("client_assertion_type", TYPE), ("client_assertion", &good)]);
    assert_eq!(both.send().await.json()["error"], "invalid_request");
    let other = by_assertion(&app, "/oauth2/token", &good, &[CC, ("client_id", "web")]).await;
    assert_eq!(other.json()["error"], "invalid_client");
    assert_eq!(by_assertion(&app, "/oauth2/token", &good, &[CC]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_signatures_hold_up_the_network_that_they_come_from() {
    let app = start().await;
    let (key, foreign) = (ClientKey::new("k1"), ClientKey::new("k1"));
    signer(&app, json!({ "jwks": { "keys": [key.jwk()] } })).await;
    let (here, there) = (app.behind([192, 0, 2, 66]), app.behind([192, 0, 2, 67]));
    for jti in 0..100 {
        let wrong = foreign.sign(&said(&app, &jti.to_string(), json!({})));
        assert_eq!(by_assertion(&here, "/oauth2/token", &wrong, &[CC]).await.status, StatusCode::UNAUTHORIZED);
    }
    let good = key.sign(&said(&app, "good", json!({})));
    let held = by_assertion(&here, "/oauth2/token", &good, &[CC]).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS, "{}", held.text());
    assert_eq!(by_assertion(&there, "/oauth2/token", &good, &[CC]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_kept_and_fetched_again_for_a_new_name() {
    let app = start().await;
    let (old, new) = (ClientKey::new("k1"), ClientKey::new("k2"));
    let published = Arc::new(std::sync::Mutex::new(json!({ "keys": [old.jwk()] }).to_string()));
    let fetched = Arc::new(AtomicUsize::new(0));
    let (body, count) = (published.clone(), fetched.clone());
    let server = HttpServer::start(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let body = body.lock().unwrap().clone();
        Outcome::Answer(Reply::new(StatusCode::OK, "application/json", body))
    })
    .await;
    signer(&app, json!({ "jwksUri": format!("{}/jwks", server.url()) })).await;
    let ask = async |key: &ClientKey, jti: &str| {
        by_assertion(&app, "/oauth2/token", &key.sign(&said(&app, jti, json!({}))), &[CC]).await.status
    };
    assert_eq!(ask(&old, "1").await, StatusCode::OK);
    assert_eq!(ask(&old, "2").await, StatusCode::OK);
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    *published.lock().unwrap() = json!({ "keys": [new.jwk()] }).to_string();
    // An unknown name does not make this server ask again and again.
    assert_eq!(ask(&new, "3").await, StatusCode::UNAUTHORIZED);
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(ask(&new, "4").await, StatusCode::OK);
    assert_eq!(ask(&old, "5").await, StatusCode::UNAUTHORIZED);
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

/// Who withdraws a key is heard: at once where the address says so, in four hours where it says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn keys_end_with_their_address() {
    let app = start().await;
    let key = ClientKey::new("k1");
    let set = json!({ "keys": [key.jwk()] }).to_string();
    let published = Arc::new(std::sync::Mutex::new((StatusCode::OK, set.clone())));
    let answers = published.clone();
    let server = HttpServer::start(move |_| {
        let (status, body) = answers.lock().unwrap().clone();
        Outcome::Answer(Reply::new(status, "application/json", body))
    })
    .await;
    signer(&app, json!({ "jwksUri": format!("{}/jwks?of=signer", server.url()) })).await;
    let ask = async |jti: &str| {
        by_assertion(&app, "/oauth2/token", &key.sign(&said(&app, jti, json!({}))), &[CC]).await.status
    };
    let large = format!("{{\"keys\":[{}]}}", "{},".repeat(100_000));
    let definite = [
        (StatusCode::NOT_FOUND, set.clone()),
        (StatusCode::FOUND, set.clone()),
        (StatusCode::OK, "<html></html>".to_owned()),
        (StatusCode::OK, json!({ "keys": 1 }).to_string()),
        (StatusCode::OK, large),
    ];
    for (i, answer) in definite.into_iter().enumerate() {
        let what = format!("{} {:.40}", answer.0, answer.1);
        *published.lock().unwrap() = (StatusCode::OK, set.clone());
        app.clock.advance(TimeDelta::minutes(16));
        assert_eq!(ask(&format!("good {i}")).await, StatusCode::OK, "{what}");
        *published.lock().unwrap() = answer;
        app.clock.advance(TimeDelta::minutes(16));
        assert_eq!(ask(&format!("over {i}")).await, StatusCode::UNAUTHORIZED, "{what}");
    }
    for status in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
        *published.lock().unwrap() = (StatusCode::OK, set.clone());
        app.clock.advance(TimeDelta::minutes(16));
        assert_eq!(ask(&format!("{status} 1")).await, StatusCode::OK);
        *published.lock().unwrap() = (status, String::new());
        app.clock.advance(TimeDelta::hours(4) - TimeDelta::seconds(10));
        assert_eq!(ask(&format!("{status} 2")).await, StatusCode::OK, "it may be a deployment");
        // Also while it is not asked again.
        app.clock.advance(TimeDelta::seconds(10));
        assert_eq!(ask(&format!("{status} 3")).await, StatusCode::UNAUTHORIZED);
        app.clock.advance(TimeDelta::minutes(1));
        assert_eq!(ask(&format!("{status} 4")).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_not_fetched_from_private_networks() {
    let app = start().await;
    let key = ClientKey::new("k1");
    let set = json!({ "keys": [key.jwk()] });
    let server = HttpServer::start(move |_| Outcome::Answer(Reply::json(StatusCode::OK, &set))).await;
    signer(&app, json!({ "jwksUri": format!("{}/jwks", server.url()) })).await;
    let mut settings = TestServices::settings();
    settings.private_targets = false;
    let node = app.test.node_with(settings).await;
    let assertion = key.sign(&said(&app, "1", json!({})));
    let presented = PresentedCredentials {
        assertion_type: Some(TYPE),
        assertion: Some(&assertion),
        ..PresentedCredentials::default()
    };
    assert!(node.client_auth().authenticate(&presented).await.is_err());
    assert!(app.services.client_auth().authenticate(&presented).await.is_ok());
}

/// A secret that was set aside for keys is not there again when they go.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_does_not_come_back_after_keys() {
    let app = start().await;
    let status = async || acme::token(&app, "web", &[CC]).await.status;
    let set = async |keys: Option<ClientKeys>| {
        let id = app.services.directory().client("web").unwrap().client.id;
        let patch = ClientPatch { keys: Some(keys), ..ClientPatch::default() };
        app.services.clients().update(&Ctx::operator(), app.application("acme"), id, patch).await.unwrap();
    };
    assert_eq!(status().await, StatusCode::OK);
    let keys = json!({ "jwks": { "keys": [ClientKey::new("k1").jwk()] } });
    set(Some(serde_json::from_value(keys).unwrap())).await;
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    set(None).await;
    assert_eq!(status().await, StatusCode::UNAUTHORIZED);
    let id = app.services.directory().client("web").unwrap().client.id;
    let (clients, acme) = (app.services.clients(), app.application("acme"));
    let secret = clients.rotate_secret(&Ctx::operator(), acme, Some(id), false).await.unwrap();
    let request = app.request(Method::POST, "/oauth2/token").basic("web", secret.expose());
    assert_eq!(request.form(&[CC]).send().await.status, StatusCode::OK);
}
