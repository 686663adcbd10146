//! The security log: one line for each event, and nothing in it that anybody typed.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::route;
use serde_json::{Value, json};
use service::{Ctx, security_log::TARGET};
use tracing::subscriber::DefaultGuard;

use crate::{
    acme::{self, SECRET},
    pages_factor,
    pages_shop::{self, PASSWORD},
    support::{Answer, TestApp},
};

const HERE: [u8; 4] = [192, 0, 2, 7];
const THERE: [u8; 4] = [192, 0, 2, 8];

const EMAIL: &str = "user@example.com";
/// What somebody typed who meant the field of the password.
const NOBODY: &str = "hunter2@hunter.example";
const WRONG: &str = "not the right one at all";
const NO_KEY: &str = "ak_invented-by-somebody";
const TYPED: [&str; 7] = [EMAIL, NOBODY, "hunter2", WRONG, NO_KEY, PASSWORD, SECRET];

/// So many failures of one account are free for one address.
const FREE: usize = 5;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What this thread logs, with as little of anything else as an operator may ask for.
struct Log {
    lines: Lines,
    _guard: DefaultGuard,
}

impl Log {
    fn start() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(server::telemetry::filter("error").unwrap())
            .with_writer(move || writer.clone())
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// The lines that came since this was asked last.
    #[track_caller]
    fn new_lines(&self) -> Vec<Value> {
        let bytes = std::mem::take(&mut *self.lines.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        for typed in TYPED {
            assert!(!text.contains(typed), "{typed} is in the log: {text}");
        }
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["target"] == TARGET).collect()
    }

    /// The only new line: `expected` has its fields, those that are null it has not.
    #[track_caller]
    fn one(&self, expected: &Value) -> Value {
        let mut lines = self.new_lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        let line = lines.remove(0);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(line[name], *value, "{name} of {line:#}");
        }
        line
    }

    #[track_caller]
    fn nothing(&self) {
        assert_eq!(self.new_lines(), Vec::<Value>::new());
    }
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post_form(route::SIGN_IN, &[("email", email), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_have_a_line_and_so_have_those_that_fail() {
    let app = pages_shop::open().await;
    let user = app.user(EMAIL).await.id.to_string();
    let (here, there) = (app.behind(HERE), app.behind(THERE));
    let log = Log::start();

    let wrong = sign_in(&here, EMAIL, WRONG).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let line = log.one(&json!({
        "level": "WARN", "event": "authentication_failed", "reason": "wrong_password", "user": user,
        "actor": "anonymous", "actor_id": null, "address": "192.0.2.7", "session": null,
    }));
    let span = json!({
        "name": "request", "id": wrong.header("x-request-id"), "method": "POST", "path": "/sign-in",
    });
    assert_eq!(line["span"], span);
    sign_in(&here, NOBODY, WRONG).await;
    log.one(&json!({ "level": "WARN", "event": "authentication_failed", "reason": "unknown_account", "user": null }));

    assert_eq!(sign_in(&here, EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    let line = log.one(&json!({
        "level": "INFO", "event": "sign_in_succeeded", "user": user, "proofs": "password", "reason": null,
        "address": "192.0.2.7",
    }));
    here.post_form(route::SIGN_OUT, &[]).await;
    let ended = log.one(&json!({ "level": "INFO", "event": "session_ended", "user": user, "actor_id": user }));
    assert_eq!(ended["session"], line["session"]);
    assert!(ended["session"].is_string());

    for _ in 0..FREE {
        assert_eq!(sign_in(&there, EMAIL, WRONG).await.status, StatusCode::UNAUTHORIZED);
        log.one(&json!({ "event": "authentication_failed", "reason": "wrong_password", "address": "192.0.2.8" }));
    }
    assert_eq!(sign_in(&there, EMAIL, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    log.one(&json!({
        "level": "WARN", "event": "authentication_failed", "reason": "too_many_attempts", "user": user,
        "address": "192.0.2.8",
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_has_its_own_lines() {
    let app = pages_shop::open().await;
    let user = app.user(EMAIL).await;
    let (key, _) = pages_factor::with_app(&app, &user).await;
    let (here, user) = (app.behind(HERE), user.id.to_string());
    let log = Log::start();
    let factor = sign_in(&here, EMAIL, PASSWORD).await.location().expect("the second factor").to_owned();
    log.one(&json!({ "level": "INFO", "event": "second_factor_required", "user": user, "proofs": "password" }));
    here.post_form(&factor, &[("code", "000000")]).await;
    log.one(&json!({ "level": "WARN", "event": "authentication_failed", "reason": "wrong_code", "user": user }));
    here.post_form(&factor, &[("code", &pages_factor::shown(&app, &key))]).await;
    log.one(&json!({ "level": "INFO", "event": "sign_in_succeeded", "user": user, "proofs": "password totp" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_an_account_has_a_line_once_it_is_done() {
    let app = pages_shop::open().await;
    let id = app.user(EMAIL).await.id;
    let (users, operator) = (app.services.admin_users(), Ctx::operator());
    let log = Log::start();
    let of = |event: &str| json!({ "level": "INFO", "event": event, "user": id.to_string(), "actor": "operator" });
    for _ in 0..2 {
        users.disable(&operator, id).await.unwrap();
    }
    log.one(&of("account_disabled"));
    users.enable(&operator, id).await.unwrap();
    log.one(&of("account_enabled"));
    users.delete(&operator, id).await.unwrap();
    log.one(&of("account_deleted"));
    assert!(users.delete(&operator, id).await.is_err());
    log.nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_have_a_line_where_they_fail_and_none_where_they_do_not() {
    let app = acme::signed_in().await;
    let here = app.behind(HERE);
    let (user, application) = (app.user(EMAIL).await.id.to_string(), app.application("acme").to_string());
    let code = acme::code(&app, &[]).await;
    let log = Log::start();

    let ask = async |client: &str, secret: &str| {
        let request = here.request(Method::POST, "/oauth2/token").basic(client, secret);
        request.form(&[("grant_type", "client_credentials")]).send().await.status
    };
    assert_eq!(ask("web", WRONG).await, StatusCode::UNAUTHORIZED);
    log.one(&json!({
        "level": "WARN", "event": "client_authentication_failed", "reason": "wrong_secret", "client": "web",
        "application": application, "address": "192.0.2.7", "user": null,
    }));
    assert_eq!(ask(NOBODY, WRONG).await, StatusCode::UNAUTHORIZED);
    log.one(&json!({ "event": "client_authentication_failed", "reason": "unknown_client", "client": null }));
    assert_eq!(ask("machine", SECRET).await, StatusCode::OK);
    log.nothing();

    assert_eq!(acme::redeem(&here, "web", &code).await.status, StatusCode::OK);
    log.nothing();
    assert_eq!(acme::redeem(&here, "web", &code).await.status, StatusCode::BAD_REQUEST);
    let line = log.one(&json!({
        "level": "WARN", "event": "authorization_code_replayed", "client": "web", "user": user,
        "address": "192.0.2.7",
    }));
    assert!(line["grant"].is_string() && !line.to_string().contains(&code), "{line:#}");

    let first = acme::tokens(&app, &[]).await["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(acme::refresh(&here, "web", &first).await.status, StatusCode::OK);
    app.clock.advance(TimeDelta::minutes(1));
    log.nothing();
    assert_eq!(acme::refresh(&here, "web", &first).await.status, StatusCode::BAD_REQUEST);
    let line = log.one(&json!({
        "level": "WARN", "event": "refresh_token_replayed", "client": "web", "user": user, "address": "192.0.2.7",
    }));
    assert!(line["grant"].is_string() && !line.to_string().contains(&first), "{line:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_has_a_line() {
    let app = pages_shop::open().await;
    let user = app.user(EMAIL).await;
    let here = app.behind(HERE);
    let log = Log::start();
    let form = [("email", EMAIL), ("password", PASSWORD)];
    let request = here.request(Method::POST, route::SIGN_IN).header("sec-fetch-site", "cross-site");
    assert_eq!(request.form(&form).send().await.status, StatusCode::FORBIDDEN);
    let line = log.one(&json!({
        "level": "WARN", "event": "cross_site_request_refused", "address": "192.0.2.7", "user": null,
    }));
    assert_eq!(line["span"]["path"], route::SIGN_IN);

    let admin = async |key: Option<&str>| {
        let request = here.request(Method::GET, "/api/admin/users");
        match key {
            Some(key) => request.bearer(key).send().await.status,
            None => request.send().await.status,
        }
    };
    assert_eq!(admin(Some(NO_KEY)).await, StatusCode::UNAUTHORIZED);
    log.one(&json!({
        "level": "WARN", "event": "admin_key_rejected", "reason": "wrong_token", "actor": "anonymous",
        "address": "192.0.2.7",
    }));
    assert_eq!(admin(None).await, StatusCode::UNAUTHORIZED, "who shows nothing tries nothing");
    log.nothing();
    here.sign_in(&user).await;
    log.one(&json!({ "event": "sign_in_succeeded", "user": user.id.to_string() }));
    assert_eq!(admin(None).await, StatusCode::FORBIDDEN);
    log.one(&json!({
        "level": "WARN", "event": "access_denied", "actor": "user", "actor_id": user.id.to_string(),
        "address": "192.0.2.7",
    }));
}
