//! Signing in with other providers, page by page, without JavaScript, against a stand-in for the provider.

mod managing;
mod signing_in;

use axum::http::{Method, StatusCode};
use domain::{identity::user::User, route};
use service::{
    Ctx,
    catalog::Catalog,
    testing::{TestServices, provider::Provider},
};

use crate::{
    pages_shop,
    support::{Answer, TestApp},
};

const METHODS: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
[[applications.sign_in_methods]]
kind = "oidc"
name = "Doubted"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
[[applications]]
slug = "closed"
name = "Closed"
allow_register = false
[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
[[applications.sign_in_methods]]
kind = "oidc"
name = "Members"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
"#;

/// The shop of the other tests, whose pages offer the stand-in.
pub async fn open() -> (TestApp, Provider) {
    let (app, provider) = (pages_shop::open().await, Provider::start(TestServices::epoch().timestamp()).await);
    let catalog = Catalog::parse(&METHODS.replace("ISSUER", &provider.url()), "methods.toml").expect("a catalog");
    app.services.catalog().apply(&Ctx::operator(), catalog.as_seed(), false).await.expect("applied");
    (app, provider)
}

pub fn start(page: &str, slug: &str) -> String {
    page.replace(route::SIGN_IN, &format!("{}/{slug}", route::UPSTREAM))
}

/// Presses a provider's button on the sign-in page, says yes there, and comes back.
pub async fn through(app: &TestApp, provider: &Provider, page: &str, slug: &str) -> Answer {
    let sent = app.post_form(&start(page, slug), &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    back(app, provider, sent.location().expect("the provider")).await
}

/// What the browser gets that comes back from the provider with a yes.
pub async fn back(app: &TestApp, provider: &Provider, url: &str) -> Answer {
    let at = url::Url::parse(url).unwrap();
    let redirect_uri = at.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let query = serde_urlencoded::to_string(provider.approve(url)).unwrap();
    let path = url::Url::parse(&redirect_uri).unwrap().path().to_owned();
    app.request(Method::GET, &format!("{path}?{query}")).header("sec-fetch-site", "cross-site").send().await
}

pub async fn user(app: &TestApp, email: &str) -> Option<User> {
    let email = domain::identity::email::Email::parse(email).unwrap();
    app.services.users().find_by_email(&email).await.unwrap()
}
