//! Plan selection on the way to a device that waits (RFC 8628), and checkout.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{application::SettingsPatch, route};
use serde_json::Value;
use service::Ctx;

use crate::{
    acme::claims,
    oidc_device::{codes_of, decide, poll, refused},
    pages_shop::check,
    support::{Answer, TestApp, here},
};

const CATALOG: &str = r#"
[[applications]]
slug = "free"
name = "Free"
[[applications.clients]]
name = "Television"
client_id = "tv"
type = "public"
grants = ["device_code"]
[[applications.plans]]
key = "basic"
name = "Basic"
default = true
[[applications.plans]]
key = "plus"
name = "Plus"

[[applications]]
slug = "paid"
name = "Paid"
payment_provider = "sandbox"
[[applications.clients]]
name = "Paid television"
client_id = "paid-tv"
type = "public"
grants = ["device_code"]
[[applications.plans]]
key = "gold"
name = "Gold"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"

[[applications]]
slug = "always"
name = "Always"
plan_selection = "always"
[[applications.clients]]
name = "Always television"
client_id = "always-tv"
type = "public"
grants = ["device_code"]
[[applications.plans]]
key = "basic"
name = "Basic"
default = true

[[applications]]
slug = "closed"
name = "Closed"
allow_register = false
[[applications.clients]]
name = "Closed television"
client_id = "closed-tv"
type = "public"
grants = ["device_code"]
[[applications.plans]]
key = "basic"
name = "Basic"

[[users]]
email = "user@example.com"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
email_verified = true
"#;

/// The server with somebody signed in who is a member nowhere.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.apply(CATALOG).await;
    app.sign_in(&app.user("user@example.com").await).await;
    app
}

/// Whether whoever is signed in belongs to an application.
async fn belongs(app: &TestApp, slug: &str) -> bool {
    let user = app.user("user@example.com").await.id;
    app.services.memberships().get(&Ctx::operator(), app.application(slug), user).await.is_ok()
}

fn question(user_code: &str) -> String {
    format!("/device?user_code={user_code}")
}

fn selection(user_code: &str) -> String {
    format!("/plans?to=device&user_code={user_code}")
}

#[track_caller]
fn leads(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, Some(to)), "{}", answer.text());
}

/// Allows the device, which then asks for its tokens: the plan that its id_token names.
async fn connect(app: &TestApp, client: &str, code: &str, user_code: &str) -> Value {
    let page = app.get(&question(user_code)).await;
    check(&page);
    assert!(page.text().contains(user_code) && page.text().contains("value=\"allow\""), "{}", page.text());
    assert_eq!(decide(app, user_code, "allow").await.status, StatusCode::OK);
    app.clock.advance(TimeDelta::seconds(5));
    let tokens = poll(app, client, code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    claims(&tokens.json()["id_token"])["plan"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_chosen_before_a_device_is_allowed() {
    let app = start().await;
    let (code, user_code) = codes_of(&app, "tv").await;
    let plans = selection(&user_code);
    leads(&app.get(&question(&user_code)).await, &plans);
    let page = app.get(&plans).await;
    check(&page);
    let action = format!("action=\"{}\"", plans.replace('&', "&amp;"));
    assert!(page.text().contains("Choose your plan") && page.text().contains(&action), "{}", page.text());
    assert!(!belongs(&app, "free").await, "to look makes nobody a member");
    // An answer without the question decides nothing either.
    leads(&decide(&app, &user_code, "allow").await, &plans);
    refused(&poll(&app, "tv", &code).await, "authorization_pending");
    assert!(belongs(&app, "free").await);
    let shown = app.get(&plans).await;
    assert_eq!(shown.plain(&user_code), page.plain(&user_code), "before as after");

    assert_eq!(app.post_form(&plans, &[]).await.status, StatusCode::BAD_REQUEST, "nothing was chosen");
    for _ in 0..2 {
        leads(&app.post_form(&plans, &[("plan", "plus")]).await, &question(&user_code));
    }
    leads(&app.get(&plans).await, &question(&user_code));
    assert_eq!(connect(&app, "tv", &code, &user_code).await, "plus");

    // Once chosen, the next device asks nothing.
    let (code, user_code) = codes_of(&app, "tv").await;
    assert_eq!(connect(&app, "tv", &code, &user_code).await, "plus");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_a_member_before_the_second_factor() {
    let app = start().await;
    for slug in ["free", "closed"] {
        let required = SettingsPatch { is_mfa_required: Some(true), ..SettingsPatch::default() };
        app.services.applications().update(&Ctx::operator(), app.application(slug), required.into()).await.unwrap();
    }
    let (code, user_code) = codes_of(&app, "tv").await;
    let factor = format!("{}?to=device&user_code={user_code}", route::FACTOR);
    leads(&decide(&app, &user_code, "allow").await, &factor);
    assert!(!belongs(&app, "free").await, "what is refused makes nobody a member");
    refused(&poll(&app, "tv", &code).await, "authorization_pending");
    // Who may not use the application is told so, and proves nothing for it.
    let (_, user_code) = codes_of(&app, "closed-tv").await;
    assert_eq!(decide(&app, &user_code, "allow").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_costs_something_is_paid_on_the_way() {
    let app = start().await;
    let (code, user_code) = codes_of(&app, "paid-tv").await;
    let plans = selection(&user_code);
    let page = app.get(&plans).await;
    let price = page.hidden("price");
    let form = [("plan", "gold"), ("price", price.as_str()), ("cycle", "month")];
    assert!(!belongs(&app, "paid").await);
    let sent = app.post_form(&plans, &form).await;
    let checkout = sent.location().expect("checkout").to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    let page = app.get(&checkout).await;
    check(&page);
    assert!(page.text().contains(&plans.replace('&', "&amp;")), "a way back: {}", page.text());
    // Nothing has been chosen before it is paid.
    leads(&app.get(&question(&user_code)).await, &plans);

    let sandbox = here(app.post_form(&checkout, &[]).await.location().expect("the sandbox"));
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let back = here(paid.location().expect("back to the checkout"));
    leads(&app.get(&back).await, &question(&user_code));
    assert_eq!(connect(&app, "paid-tv", &code, &user_code).await, "gold");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_bought_nothing_is_told_on_the_way_to_a_device() {
    let app = start().await;
    let (_, user_code) = codes_of(&app, "paid-tv").await;
    let plans = selection(&user_code);
    let price = app.get(&plans).await.hidden("price");
    let sent = app.post_form(&plans, &[("plan", "gold"), ("price", price.as_str()), ("cycle", "month")]).await;
    let checkout = sent.location().expect("checkout").to_owned();
    let sandbox = here(app.post_form(&checkout, &[]).await.location().expect("the sandbox"));
    let (paid, user) = (app.application("paid"), app.user("user@example.com").await.id);
    app.services.memberships().revoke(&Ctx::operator(), paid, user).await.unwrap();
    let sent = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let late = app.get(&here(sent.location().expect("back to the checkout"))).await;
    assert_eq!(late.status, StatusCode::OK, "{:?}", late.location());
    check(&late);
    for part in ["nothing was bought".to_owned(), plans.replace('&', "&amp;")] {
        assert!(late.text().contains(&part), "{part}: {}", late.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_always_asks_does_so_for_every_device() {
    let app = start().await;
    for _ in 0..2 {
        let (code, user_code) = codes_of(&app, "always-tv").await;
        leads(&app.get(&question(&user_code)).await, &selection(&user_code));
        leads(&app.post_form(&selection(&user_code), &[("keep", "true")]).await, &question(&user_code));
        assert_eq!(connect(&app, "always-tv", &code, &user_code).await, "basic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_denies_a_device_needs_no_plan() {
    let app = start().await;
    let (code, user_code) = codes_of(&app, "tv").await;
    let done = decide(&app, &user_code, "deny").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    refused(&poll(&app, "tv", &code).await, "access_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_nothing_to_choose_without_access_a_session_or_a_device() {
    let app = start().await;
    let (_, user_code) = codes_of(&app, "closed-tv").await;
    let gate = app.get(&question(&user_code)).await;
    assert_eq!(gate.status, StatusCode::FORBIDDEN);
    check(&gate);
    leads(&app.get(&selection(&user_code)).await, &question(&user_code));
    leads(&app.post_form(&selection(&user_code), &[("plan", "basic")]).await, &question(&user_code));
    assert!(!belongs(&app, "closed").await);

    let (_, user_code) = codes_of(&app, "tv").await;
    let nobody = app.browser();
    for answer in [nobody.get(&selection(&user_code)).await, nobody.post_form(&selection(&user_code), &[]).await] {
        leads(&answer, &question(&user_code));
    }
    leads(&app.get("/plans?to=device").await, "/device");
    leads(&app.get(&selection("BBBB-BBBB")).await, &question("BBBB-BBBB"));
}
