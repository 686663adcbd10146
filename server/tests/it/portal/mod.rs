//! The customer portal: the way in, what it shows, what it changes, and whom it shows nothing.

mod changing;
mod kept_out;
mod paying;
mod selecting;
mod sessions;

use axum::http::{Method, StatusCode};
use domain::billing::clock::ClockStep;
use serde_json::{Value, json};
use service::Ctx;

use crate::{
    pages_shop::{THEME, check},
    support::{Answer, TestApp, here},
};

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
payment_provider = "sandbox"
return_urls = ["https://app.example/account"]
# theme
[[applications.clients]]
name = "Server"
client_id = "acme-server"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["http://127.0.0.1:9300/callback"]
skip_consent = true
[[applications.plans]]
key = "free"
name = "Free"
default = true
features = { maxProjects = 3 }
[[applications.plans]]
key = "pro"
name = "Pro"
features = { maxProjects = 50, exportEnabled = true }
[[applications.plans.prices]]
name = "Monthly"
amount = 1000
currency = "usd"
interval = "month"
[[applications.plans]]
key = "team"
name = "Team"
features = { maxProjects = 500, exportEnabled = true }
[[applications.plans.prices]]
name = "Monthly"
amount = 3000
currency = "usd"
interval = "month"
[[applications.plans]]
key = "trial"
name = "Later"
[[applications.plans.prices]]
name = "Monthly"
amount = 2000
currency = "usd"
interval = "month"
trial_days = 14

[[applications]]
slug = "other"
name = "Other"
payment_provider = "none"
return_urls = ["https://other.example/"]
[[applications.clients]]
name = "Server"
client_id = "other-server"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "basic"
name = "Basic"
default = true
[[applications.plans]]
key = "plus"
name = "Plus"

[[users]]
email = "user@example.com"
password = "correct horse battery staple"
name = "Example user"
applications = ["acme", "other"]
[[users]]
email = "second@example.com"
password = "correct horse battery staple"
applications = ["acme"]
"#;

async fn open() -> TestApp {
    let app = TestApp::start().await;
    app.apply(&CATALOG.replace("# theme", THEME)).await;
    app
}

async fn ask(app: &TestApp, client: &str, body: Value) -> Answer {
    app.request(Method::POST, "/api/platform/portal/sessions")
        .basic(client, "a-secret-of-32-characters-or-more")
        .json(&body)
        .send()
        .await
}

/// The path of a portal session for `email`.
async fn session(app: &TestApp, client: &str, email: &str) -> String {
    let made = ask(app, client, json!({ "end_user_id": app.user(email).await.id })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    here(made.json()["portal_url"].as_str().unwrap())
}

/// A browser in front of Acme's portal.
async fn visit(app: &TestApp, email: &str) {
    let entered = app.get(&session(app, "acme-server", email).await).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, Some("/portal")));
}

/// Presses a button of the portal.
async fn press(app: &TestApp, act: &str) -> Answer {
    let of = app.application("acme").to_string();
    app.post_form("/portal", &[("of", &of), ("act", act)]).await
}

/// Sees what a plan would cost and confirms it: gives the answer.
async fn change(app: &TestApp, plan: &str) -> (Answer, Answer) {
    let preview = app.get(&format!("/portal/change?plan={plan}")).await;
    check(&preview);
    let answer = confirm(app, &preview).await;
    (preview, answer)
}

async fn confirm(app: &TestApp, preview: &Answer) -> Answer {
    let names = ["of", "plan", "digest", "at"];
    let mut fields: Vec<(&str, String)> = names.into_iter().map(|name| (name, preview.hidden(name))).collect();
    if preview.text().contains("name=\"price\"") {
        fields.push(("price", preview.hidden("price")));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post_form("/portal/change", &fields).await
}

/// Pays an order on the sandbox's page: gives where that leads.
async fn pay(app: &TestApp, checkout: &str) -> Answer {
    pay_with(app, checkout, "4242424242424242").await
}

async fn pay_with(app: &TestApp, checkout: &str, card: &str) -> Answer {
    let sandbox = here(app.post_form(checkout, &[]).await.location().expect("the sandbox"));
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", card)]).await;
    app.get(&here(paid.location().expect("back"))).await
}

/// The answer leads to the portal, which says that the payment has arrived.
#[track_caller]
fn check_paid(answer: &Answer) {
    let to = answer.location().unwrap_or_default();
    assert!(to.starts_with("/portal?done=paid&order="), "{to}: {}", answer.text());
}

/// Moves Acme's billing time.
async fn advance(app: &TestApp, step: &str) {
    let acme = app.application("acme");
    app.services.clocks().advance(&Ctx::operator(), acme, ClockStep::parse(step).unwrap()).await.expect("moved");
}

/// Buys a plan through the portal.
async fn buy(app: &TestApp, plan: &str) {
    let (_, sent) = change(app, plan).await;
    let checkout = sent.location().unwrap_or_else(|| panic!("no checkout: {}", sent.text())).to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    check_paid(&pay(app, &checkout).await);
}
