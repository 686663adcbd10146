//! Back-channel logout: clients are told that a session is over, each in a token of its own.

use domain::identity::proof::Proof;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::oauth::{client::ClientPatch, client_keys::ClientUri};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use service::{
    Ctx,
    testing::http::{Answer, HttpServer, Reply},
};

use crate::{
    acme::{self, claims, signed_in, tokens},
    support::TestApp,
};

/// A client's server that notes what is posted, and answers with a status of the test's.
pub struct Client {
    server: HttpServer,
    posted: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Client {
    pub async fn start() -> Self {
        let posted = Arc::new(Mutex::new(Vec::new()));
        let status = Arc::new(Mutex::new(StatusCode::OK));
        let (seen, answer) = (posted.clone(), status.clone());
        let server = HttpServer::start(move |request| {
            assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
            let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&request.body).unwrap();
            let [(name, token)] = fields.try_into().expect("one field");
            assert_eq!(name, "logout_token");
            seen.lock().unwrap().push(token);
            Reply::Answer(Answer::new(*answer.lock().unwrap(), "text/plain", ""))
        })
        .await;
        Self { server, posted, status }
    }

    /// Lets `client` be told here.
    pub async fn register(&self, app: &TestApp, client: &str) {
        tell_at(app, client, &self.server).await;
    }

    pub fn tokens(&self) -> Vec<String> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }
}

async fn tell_at(app: &TestApp, client: &str, server: &HttpServer) {
    let uri = ClientUri::parse(&format!("{}/logout", server.url())).unwrap();
    let id = app.services.directory().client(client).unwrap().client.id;
    let patch = ClientPatch { backchannel_logout_uri: Some(Some(uri)), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), app.application("acme"), id, patch).await.unwrap();
}

pub async fn work(app: &TestApp) -> usize {
    app.services.logout_notices().work().await.unwrap()
}

/// What a logout token says, verified as its client would.
async fn verified(app: &TestApp, token: &str, client: &str) -> Value {
    let jwks: JwkSet = serde_json::from_value(app.get("/.well-known/jwks.json").await.json()).unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
    let key = DecodingKey::from_jwk(jwks.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.algorithms = vec![Algorithm::RS256, Algorithm::ES256];
    validation.algorithms.retain(|alg| *alg == header.alg);
    validation.set_audience(&[client]);
    validation.set_issuer(&["http://127.0.0.1:8080"]);
    validation.validate_exp = false;
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_of_the_session_is_told() {
    let app = signed_in().await;
    let (web, es) = (Client::start().await, Client::start().await);
    web.register(&app, "web").await;
    es.register(&app, "es").await;
    let (first, second) = (tokens(&app, &[]).await, tokens(&app, &[("client_id", "es")]).await);
    // Another browser of the same user goes on.
    let other = app.browser();
    other.sign_in(&app.user("user@example.com").await).await;
    tokens(&other, &[]).await;
    assert_eq!(work(&app).await, 0);

    let hint = first["id_token"].as_str().unwrap();
    let bye = [("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye")];
    assert_eq!(app.post_form("/oauth2/logout", &bye).await.location(), Some("https://app.example/bye"));
    assert_eq!(work(&app).await, 2);
    assert_eq!(work(&app).await, 0);
    for (server, name, id_token) in [(&web, "web", &first["id_token"]), (&es, "es", &second["id_token"])] {
        let told = server.tokens();
        assert_eq!(told.len(), 1, "{name}");
        let said = verified(&app, &told[0], name).await;
        let id = claims(id_token);
        assert_eq!((&said["sub"], &said["sid"]), (&id["sub"], &id["sid"]));
        assert_eq!(said["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
        assert!(said["jti"].is_string() && said["iat"].is_i64() && said["exp"].as_i64() > said["iat"].as_i64());
        assert_eq!(said.get("nonce"), None);
        // It passes for nothing else.
        assert_eq!(acme::userinfo(&app, &told[0]).await.status, StatusCode::UNAUTHORIZED);
        let hinted = acme::authorize(&other, &[("id_token_hint", &told[0])]).await;
        assert_eq!(hinted.location_param("error").as_deref(), Some("invalid_request"));
    }
}

/// Long after its tokens are over a client still has a session of its own that came from ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_refresh_tokens_is_told_days_later() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    let signed_in = tokens(&app, &[("scope", "openid")]).await;
    tokens(&app, &[("client_id", "es"), ("scope", "openid")]).await;
    app.clock.advance(TimeDelta::days(2));
    assert_eq!(app.services.purge().await.unwrap(), 1, "only the grant of the client that is not told");
    assert_eq!(app.services.purge().await.unwrap(), 0);
    assert_eq!(app.post_form("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(work(&app).await, 1);
    let told = web.tokens();
    assert_eq!(told.len(), 1);
    assert_eq!(claims(&json!(told[0]))["sid"], claims(&signed_in["id_token"])["sid"]);
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(app.services.purge().await.unwrap(), 2, "the session, and the grant with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_answer_is_told_again() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    tokens(&app, &[]).await;
    *web.status.lock().unwrap() = StatusCode::SERVICE_UNAVAILABLE;
    assert_eq!(app.post_form("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(work(&app).await, 1);
    assert_eq!(work(&app).await, 0);
    app.clock.advance(TimeDelta::seconds(10));
    assert_eq!(work(&app).await, 1);
    *web.status.lock().unwrap() = StatusCode::NO_CONTENT;
    app.clock.advance(TimeDelta::seconds(20));
    assert_eq!(work(&app).await, 1);
    let told = web.tokens();
    let names: Vec<_> = told.iter().map(|token| claims(&json!(token))["jti"].clone()).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(work(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_up_after_a_day() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    tokens(&app, &[]).await;
    *web.status.lock().unwrap() = StatusCode::BAD_REQUEST;
    app.post_form("/sign-out", &[]).await;
    let mut attempts = 0;
    for _ in 0..60 {
        attempts += work(&app).await;
        app.clock.advance(TimeDelta::hours(1));
    }
    assert!((10..40).contains(&attempts), "{attempts} attempts");
    assert_eq!(web.tokens().len(), attempts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_or_deleted_user_is_logged_out_everywhere() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    let user = app.user("user@example.com").await.id;
    tokens(&app, &[]).await;
    let other = app.browser();
    other.sign_in(&app.user("user@example.com").await).await;
    tokens(&other, &[]).await;
    app.services.admin_users().disable(&Ctx::operator(), user).await.unwrap();
    assert_eq!(work(&app).await, 2);
    app.services.admin_users().enable(&Ctx::operator(), user).await.unwrap();
    app.sign_in(&app.user("user@example.com").await).await;
    tokens(&app, &[]).await;
    app.services.admin_users().delete(&Ctx::operator(), user).await.unwrap();
    assert_eq!(work(&app).await, 1);
    let said = claims(&json!(web.tokens().last().unwrap()));
    assert_eq!(said["sub"], user.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_is_no_logout() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    let before = tokens(&app, &[]).await;
    let old = app.cookie("turnpike_session").unwrap();
    let user = app.user("user@example.com").await;
    let mut ctx = Ctx::anonymous();
    ctx.session = app.services.sessions().find(&old).await.unwrap();
    app.clock.advance(TimeDelta::minutes(5));
    let (_, token) = app.services.sessions().start(&ctx, &user, Proof::Password).await.unwrap();
    app.set_cookie("turnpike_session", token.expose());
    assert!(app.services.sessions().find(&old).await.unwrap().is_none(), "the old cookie still works");
    let after = tokens(&app, &[]).await;
    let (before, after) = (claims(&before["id_token"]), claims(&after["id_token"]));
    assert_eq!(before["sid"], after["sid"]);
    assert_eq!(after["auth_time"].as_i64().unwrap() - before["auth_time"].as_i64().unwrap(), 300);
    assert_eq!(work(&app).await, 0);
    // Another person in the same browser is one.
    ctx.session = app.services.sessions().find(token.expose()).await.unwrap();
    app.services.sessions().start(&ctx, &app.user("other@example.com").await, Proof::Password).await.unwrap();
    assert_eq!(work(&app).await, 1);
    assert_eq!(claims(&json!(web.tokens()[0]))["sid"], before["sid"]);
}

/// Whatever waits for a client that accepts connections and says nothing, others are told as if it were not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_holds_up_no_other() {
    let app = signed_in().await;
    let asked = Arc::new(Mutex::new(0));
    let seen = asked.clone();
    let silent = HttpServer::start(move |_| {
        *seen.lock().unwrap() += 1;
        Reply::Silence
    })
    .await;
    let web = Client::start().await;
    tell_at(&app, "es", &silent).await;
    web.register(&app, "web").await;
    let user = app.user("user@example.com").await;
    for client in [["es"; 25].as_slice(), &["web"; 12]].concat() {
        let browser = app.browser();
        browser.sign_in(&user).await;
        tokens(&browser, &[("client_id", client)]).await;
        assert_eq!(browser.post_form("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    }
    let sending = tokio::spawn(app.services.clone().send_logouts_forever());
    let mut told = 0;
    while told < 12 {
        told += web.tokens().len();
        tokio::task::yield_now().await;
    }
    // And who is silent was sent a handful, and is not sent more before these have come to nothing.
    assert!(*asked.lock().unwrap() <= 10);
    sending.abort();
}
