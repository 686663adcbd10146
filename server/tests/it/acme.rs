//! A server with two products and their clients, and what a client does: ask for a code, redeem it, read tokens.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::support::{Answer, TestApp};

pub const CALLBACK: &str = "https://app.example/callback";
pub const SECRET: &str = "a-secret-of-32-characters-or-more";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
plan_selection = "never"
resources = ["https://api.example/v1"]

[[applications.clients]]
name = "Web"
client_id = "web"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
post_logout_redirect_uris = ["https://app.example/bye"]
skip_consent = true

[[applications.clients]]
name = "Elliptic"
client_id = "es"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
post_logout_redirect_uris = ["https://app.example/bye"]
skip_consent = true
id_token_alg = "ES256"
custom_claims = true

[[applications.clients]]
name = "Edwards"
client_id = "ed"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
post_logout_redirect_uris = ["https://app.example/bye"]
skip_consent = true
id_token_alg = "EdDSA"

[[applications.clients]]
name = "Without PKCE"
client_id = "plain"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
require_pkce = false
skip_consent = true

[[applications.clients]]
name = "Television"
client_id = "tv"
type = "public"
grants = ["device_code", "refresh_token"]

[[applications.clients]]
name = "Single page"
client_id = "spa"
type = "public"
redirect_uris = ["https://spa.example/"]
skip_consent = true

[[applications.clients]]
name = "Third party"
client_id = "third"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]

[[applications.clients]]
name = "Machine"
client_id = "machine"
client_secret = "a-secret-of-32-characters-or-more"
grants = ["client_credentials"]

[[applications.plans]]
key = "free"
name = "Free"
default = true
features = { maxProjects = 3 }

[[applications.plans]]
key = "pro"
name = "Pro"
features = { maxProjects = 50, exportEnabled = true }

[[applications]]
slug = "shop"
name = "Shop"

[[applications.clients]]
name = "Shop"
client_id = "shop"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
skip_consent = true

[[applications.plans]]
key = "basic"
name = "Basic"
default = true

[[applications.plans]]
key = "plus"
name = "Plus"

[[applications]]
slug = "club"
name = "Club"
allow_register = false

[[applications.clients]]
name = "Club"
client_id = "club"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["https://app.example/callback"]
skip_consent = true

[[users]]
email = "user@example.com"
profile = { given_name = "Example", family_name = "User", birthdate = 1990-12-31, zoneinfo = "Asia/Jakarta", phone_number = "+6281234567890", address = { street_address = "Jl. Braga 1", locality = "Bandung" } }
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
name = "Example user"
email_verified = true
applications = ["acme"]

[[users]]
email = "other@example.com"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
applications = ["acme"]
"#;

/// The server, with nobody signed in.
pub async fn start() -> TestApp {
    on(TestApp::start().await).await
}

/// The products and clients on a server that a test has prepared.
pub async fn on(app: TestApp) -> TestApp {
    app.apply(CATALOG).await;
    app
}

/// The server with `user@example.com` signed in.
pub async fn signed_in() -> TestApp {
    let app = start().await;
    app.sign_in(&app.user("user@example.com").await).await;
    app
}

/// An authorization request of the client `web`, with parameters replaced, added or (empty) taken away.
pub fn request(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let base = [
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email offline_access"),
        ("state", "s t&"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = base.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let all = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn url(path: &str, parameters: &[(String, String)]) -> String {
    format!("{path}?{}", serde_urlencoded::to_string(parameters).unwrap())
}

pub async fn authorize(app: &TestApp, changes: &[(&str, &str)]) -> Answer {
    app.get(&url("/oauth2/authorize", &request(changes))).await
}

/// The code for the signed-in user.
pub async fn code(app: &TestApp, changes: &[(&str, &str)]) -> String {
    let answer = authorize(app, changes).await;
    answer.location_param("code").unwrap_or_else(|| panic!("no code: {:?} {}", answer.location(), answer.text()))
}

/// A request to the token endpoint by client_secret_basic; without a secret by `client_id` alone.
pub async fn token(app: &TestApp, client: &str, fields: &[(&str, &str)]) -> Answer {
    let request = app.request(axum::http::Method::POST, "/oauth2/token");
    if client == "spa" {
        return request.form(&[fields, &[("client_id", client)]].concat()).send().await;
    }
    request.basic(client, SECRET).form(fields).send().await
}

pub async fn redeem(app: &TestApp, client: &str, code: &str) -> Answer {
    let fields =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    token(app, client, &fields).await
}

/// The tokens of the client `web` for the signed-in user.
pub async fn tokens(app: &TestApp, changes: &[(&str, &str)]) -> Value {
    let client = changes.iter().find(|(name, _)| *name == "client_id").map_or("web", |(_, id)| *id);
    let code = code(app, changes).await;
    let answer = redeem(app, client, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

pub async fn refresh(app: &TestApp, client: &str, token: &str) -> Answer {
    self::token(app, client, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

pub async fn userinfo(app: &TestApp, token: &str) -> Answer {
    app.request(axum::http::Method::GET, "/oauth2/userinfo").bearer(token).send().await
}

pub async fn introspect(app: &TestApp, client: &str, token: &str) -> Value {
    let request = app.request(axum::http::Method::POST, "/oauth2/introspect").basic(client, SECRET);
    let answer = request.form(&[("token", token)]).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What a token says, unchecked.
pub fn claims(token: &Value) -> Value {
    let payload = token.as_str().expect("a token").split('.').nth(1).expect("a payload");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
