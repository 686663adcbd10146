//! The customer portal: the way in, what it shows, what it changes, and whom it shows nothing.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    Currency,
    billing::{clock::ClockStep, price::Interval},
    identity::email::Email,
};
use serde_json::{Value, json};
use service::{Ctx, catalog::Catalog};

use crate::{
    pages_shop::{self, check},
    support::{Answer, TestApp},
};

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
payment_provider = "sandbox"
return_urls = ["https://app.example/account"]
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
    let catalog = Catalog::parse(CATALOG, "portal.toml").expect("a valid catalog");
    app.services.catalog().apply(&Ctx::operator(), catalog, false).await.expect("applied");
    app
}

async fn user(app: &TestApp, email: &str) -> String {
    let email = Email::parse(email).unwrap();
    app.services.users().find_by_email(&email).await.unwrap().unwrap().id.to_string()
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
    let made = ask(app, client, json!({ "end_user_id": user(app, email).await })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    path(made.json()["portal_url"].as_str().unwrap())
}

fn path(url: &str) -> String {
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or(url).to_owned()
}

/// A browser in front of Acme's portal.
async fn visit(app: &TestApp, email: &str) {
    let entered = app.get(&session(app, "acme-server", email).await).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, Some("/portal")));
}

/// The value of a hidden field.
fn field(page: &Answer, name: &str) -> String {
    let marker = format!("name=\"{name}\" value=\"");
    let rest = page.text().split(&marker).nth(1).unwrap_or_else(|| panic!("no field {name}: {}", page.text()));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Presses a button of the portal.
async fn press(app: &TestApp, act: &str) -> Answer {
    let of = app.services.directory().by_slug("acme").unwrap().application.id.to_string();
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
    let mut fields: Vec<(&str, String)> = names.into_iter().map(|name| (name, field(preview, name))).collect();
    if preview.text().contains("name=\"price\"") {
        fields.push(("price", field(preview, "price")));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.post_form("/portal/change", &fields).await
}

/// Pays an order on the sandbox's page: gives where that leads.
async fn pay(app: &TestApp, checkout: &str) -> Answer {
    pay_with(app, checkout, "4242424242424242").await
}

async fn pay_with(app: &TestApp, checkout: &str, card: &str) -> Answer {
    let sandbox = path(app.post_form(checkout, &[]).await.location().expect("the sandbox"));
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", card)]).await;
    app.get(&path(paid.location().expect("back"))).await
}

/// Moves Acme's billing time.
async fn advance(app: &TestApp, step: &str) {
    let acme = app.services.directory().by_slug("acme").unwrap().application.id;
    app.services.clocks().advance(&Ctx::operator(), acme, ClockStep::parse(step).unwrap()).await.expect("moved");
}

/// Buys a plan through the portal.
async fn buy(app: &TestApp, plan: &str) {
    let (_, sent) = change(app, plan).await;
    let checkout = sent.location().unwrap_or_else(|| panic!("no checkout: {}", sent.text())).to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    assert_eq!(pay(app, &checkout).await.location(), Some("/portal?done=paid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_answered_alike_while_it_lives() {
    let app = open().await;
    let id = user(&app, "user@example.com").await;
    let body = json!({ "end_user_id": id, "redirect_uri": "https://app.example/account/billing" });
    let once = async |body: &Value| {
        app.request(Method::POST, "/api/platform/portal/sessions")
            .basic("acme-server", "a-secret-of-32-characters-or-more")
            .header("idempotency-key", "k")
            .json(body)
            .send()
            .await
    };
    let (first, again) = (once(&body).await, once(&body).await);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert_eq!((again.text(), again.header("cache-control")), (first.text(), Some("no-store")));
    let made = first.json();
    let token = made["session_token"].as_str().unwrap();
    assert!(token.starts_with("ps_"));
    assert_eq!(made["portal_url"], format!("http://127.0.0.1:8080/portal?session={token}"));
    assert_eq!(made["expires_in"], 300);
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(once(&json!({ "end_user_id": id })).await.status, StatusCode::CONFLICT);
    assert_ne!(once(&body).await.json()["session_token"], token, "a dead secret is not repeated");
    for (client, body, code) in [
        ("acme-server", json!({ "end_user_id": id, "redirect_uri": "https://evil.example/" }), "APP_001"),
        ("acme-server", json!({ "end_user_id": "nobody" }), "USR_001"),
        ("acme-server", json!({}), "APP_001"),
        ("other-server", json!({ "end_user_id": user(&app, "second@example.com").await }), "USR_001"),
    ] {
        let refused = ask(&app, client, body.clone()).await;
        assert_eq!(refused.json()["error"]["code"], code, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_becomes_a_cookie_and_leaves_the_address() {
    let app = open().await;
    let link = session(&app, "acme-server", "user@example.com").await;
    let head = app.request(Method::HEAD, &link).send().await;
    assert_eq!((head.status, head.header("set-cookie")), (StatusCode::OK, None));
    for (name, value) in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch")] {
        let ahead = app.request(Method::GET, &link).header(name, value).send().await;
        assert_eq!((ahead.status, ahead.header("set-cookie")), (StatusCode::SERVICE_UNAVAILABLE, None), "{name}");
    }
    let entered = app.get(&format!("{link}&theme=dark&utm=x")).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, Some("/portal")));
    let cookies: Vec<_> = entered.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("turnpike_portal=")).expect("the cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/portal", "Max-Age=1800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "on http");
    let page = app.get("/portal").await;
    check(&page);
    for part in ["Your plan", "user@example.com", "Free", "Back to Acme", "https://app.example/account", "Upgrade"] {
        assert!(page.text().contains(part), "{part}");
    }
    let token = link.split("session=").nth(1).unwrap();
    assert!(!page.text().contains(token) && !page.text().contains("eyJ"), "no secret in the page");
    // A second browser comes too late.
    let late = app.browser();
    let gone = late.get(&link).await;
    check(&gone);
    assert_eq!((gone.status, gone.header("set-cookie")), (StatusCode::GONE, None));
    assert!(gone.text().contains("https://app.example/account"), "the way back");
    let closed = late.get("/portal").await;
    check(&closed);
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED);
    app.clock.advance(TimeDelta::minutes(30));
    assert_eq!(app.get("/portal").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appended_address_wins_where_it_is_registered() {
    let app = open().await;
    for (appended, back) in [
        ("&redirect_uri=https://app.example/account/dashboard", "https://app.example/account/dashboard"),
        ("&redirect_uri=https%3A%2F%2Fapp.example%2Faccount%2Fx%3Fa%3Db", "https://app.example/account/x?a=b"),
        ("&redirect_uri=https://evil.example/", "https://app.example/account"),
        ("&redirect_uri=//evil.example/", "https://app.example/account"),
        ("&redirect_uri=https://app.example/account/../evil", "https://app.example/account"),
        ("", "https://app.example/account"),
    ] {
        let link = session(&app, "acme-server", "user@example.com").await;
        let browser = app.browser();
        assert_eq!(browser.get(&format!("{link}{appended}")).await.location(), Some("/portal"));
        let page = browser.get("/portal").await;
        assert!(page.text().contains(&format!("href=\"{back}\"")), "{appended}");
        assert!(!page.text().contains("evil"), "{appended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_browsers_with_one_token_are_one_visit() {
    let app = std::sync::Arc::new(open().await);
    let link = session(&app, "acme-server", "user@example.com").await;
    let tries = (0..50).map(|_| {
        let (app, link) = (app.clone(), link.clone());
        tokio::spawn(async move { app.browser().get(&link).await.status })
    });
    let mut statuses = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        statuses.push(one.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::GONE).count(), 49);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_bought_upgraded_downgraded_and_undone() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let preview = app.get("/portal/change?plan=pro").await;
    check(&preview);
    for part in ["Change to Pro", "You gain", "Export enabled", "Max projects: 50 instead of 3", "You pay $10.00 today"]
    {
        assert!(preview.text().contains(part), "{part}");
    }
    buy(&app, "pro").await;
    let page = app.get("/portal?done=paid").await;
    check(&page);
    for part in ["The payment has arrived", "Active", "$10.00 per month", "Next charge", "ACME-000001", "Paid"] {
        assert!(page.text().contains(part), "{part}");
    }

    // Half of the period later the rest of it costs half of the difference.
    let (preview, sent) = change(&app, "team").await;
    for part in ["Unused time of Pro", "for the rest of the current period", "Continue to payment"] {
        assert!(preview.text().contains(part), "{part}");
    }
    assert_eq!(pay(&app, sent.location().unwrap()).await.location(), Some("/portal?done=paid"));

    let (preview, sent) = change(&app, "pro").await;
    for part in ["You lose", "Nothing today. You keep Team until", "then Pro for $10.00", "Change on"] {
        assert!(preview.text().contains(part), "{part}");
    }
    assert_eq!(sent.location(), Some("/portal?done=scheduled"));
    let page = app.get("/portal").await;
    assert!(page.text().contains("Pro from ") && page.text().contains("You keep Team until"));
    assert_eq!(press(&app, "undo").await.location(), Some("/portal?done=undone"));
    assert!(!app.get("/portal").await.text().contains("Pro from "));
    let again = press(&app, "undo").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "there is nothing left to undo");
    check(&again);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_is_one_step_with_its_date_and_a_way_back() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let page = app.get("/portal").await;
    assert!(page.text().contains("You keep Pro until") && page.text().contains("Cancel Pro"));
    let of = field(&page, "of");
    let sent = app.post_form("/portal", &[("of", &of), ("act", "cancel"), ("reason", "too <b>dear</b>")]).await;
    assert_eq!(sent.location(), Some("/portal?done=canceled"));
    let page = app.get("/portal?done=canceled").await;
    check(&page);
    for part in ["Your plan is canceled", "You keep Pro until", "Cancels on", "Ends on", "Resume"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(!page.text().contains("Cancel Pro"));
    assert_eq!(press(&app, "undo").await.location(), Some("/portal?done=undone"));
    assert!(app.get("/portal").await.text().contains("Next charge"));
    for nonsense in ["", "drop", "pause"] {
        assert_eq!(press(&app, nonsense).await.status, StatusCode::BAD_REQUEST, "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_method_is_changed_at_the_provider_and_removed_here() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    assert!(app.get("/portal").await.text().contains("4242"));
    let bank = path(press(&app, "change_method").await.location().expect("the provider's page"));
    let entered = app.post_form(&bank, &[("act", "card"), ("number", "4000000000000341")]).await;
    let back = path(entered.location().expect("back"));
    assert!(back.starts_with("/portal?method="), "{back}");
    assert_eq!(app.get(&back).await.location(), Some("/portal?done=method"));
    let page = app.get("/portal?done=method").await;
    assert!(page.text().contains("0341") && page.text().contains("The payment method is up to date"));
    assert_eq!(app.get("/portal?method=bent").await.status, StatusCode::CONFLICT);
    assert_eq!(press(&app, "remove_method").await.location(), Some("/portal?done=no_method"));
    assert!(app.get("/portal").await.text().contains("None is kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_when_it_is_paid() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (preview, sent) = change(&app, "trial").await;
    for part in ["Nothing today. Free until", "then $20.00", "Start free trial"] {
        assert!(preview.text().contains(part), "{part}");
    }
    assert_eq!(pay(&app, sent.location().unwrap()).await.location(), Some("/portal?done=paid"));
    let page = app.get("/portal").await;
    check(&page);
    for part in ["First charge after trial", "$20.00", "Trial, 14 days left", "4242"] {
        assert!(page.text().contains(part), "{part}");
    }
    advance(&app, "2w").await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal").await;
    assert!(page.text().contains("Next charge") && page.text().contains("Active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_can_be_paid_and_what_is_paused_goes_on() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "pro").await;
    let checkout = sent.location().unwrap().to_owned();
    assert_eq!(pay_with(&app, &checkout, "4000000000000341").await.location(), Some("/portal?done=paid"));
    advance(&app, "1mo").await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal").await;
    check(&page);
    for part in ["The last payment did not go through", "Past due", "to keep Pro", "Pay $10.00", "Failed", "Pay now"] {
        assert!(page.text().contains(part), "{part}");
    }
    let address = page.text().split("href=\"/portal/invoices/").nth(1).unwrap().split('"').next().unwrap();
    let address = format!("/portal/invoices/{address}");
    let invoice = app.get(&address).await;
    check(&invoice);
    let of = field(&invoice, "of");
    let (first, second) =
        (app.post_form(&address, &[("of", &of)]).await, app.post_form(&address, &[("of", &of)]).await);
    let checkout = first.location().unwrap().to_owned();
    check(&app.get(&checkout).await);
    assert!(!app.get(&checkout).await.text().contains("Add a coupon"), "an invoice is what it is");
    let other = second.location().unwrap().to_owned();
    assert_eq!(pay(&app, &checkout).await.location(), Some("/portal?done=paid"));
    assert_eq!(app.get(&other).await.location(), Some("/portal?done=paid"), "twice is once");
    let page = app.get("/portal").await;
    assert!(page.text().contains("Active") && !page.text().contains("The last payment did not go through"));

    let acme = app.services.directory().by_slug("acme").unwrap().application.id;
    let id = user(&app, "user@example.com").await.parse().unwrap();
    app.services.changes().pause(&Ctx::operator(), acme, id).await.unwrap();
    let page = app.get("/portal").await;
    check(&page);
    assert!(page.text().contains("Pro is paused") && page.text().contains("Paused"));
    assert_eq!(press(&app, "resume").await.location(), Some("/portal?done=resumed"));
    assert!(app.get("/portal").await.text().contains("Next charge"));
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_selection_changes_what_is_billed() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "team").await;
    let user = app.services.users().find_by_email(&Email::parse("user@example.com").unwrap()).await.unwrap();
    app.sign_in(&user.unwrap()).await;
    // What was chosen before this request does not answer it.
    app.clock.advance(TimeDelta::seconds(1));
    let login = crate::pages_shop::authorize("acme-server", "&prompt=select_plan");
    let mut plans = app.get(&login).await.location().expect("a page").to_owned();
    if !plans.starts_with("/plans") {
        plans = app.get(&plans).await.location().expect("plan selection").to_owned();
    }
    let page = app.get(&plans).await;
    check(&page);
    assert!(page.text().contains("plan-team-current") && !page.text().contains("disabled"), "all can be chosen");
    let prices: Vec<String> = page
        .text()
        .split("name=\"price\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let mut fields = vec![("plan", "pro"), ("cycle", "month")];
    fields.extend(prices.iter().map(|price| ("price", price.as_str())));
    let noted = app.post_form(&plans, &fields).await;
    check(&noted);
    for part in ["Your plan changes on", "You keep Team until then. After that you have Pro.", "/oauth2/resume?flow="] {
        assert!(noted.text().contains(part), "{part}: {}", noted.text());
    }
    assert!(app.get("/portal").await.text().contains("Pro from "));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_is_confirmed() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "team").await;
    let shown = app.get("/portal/change?plan=pro").await;
    let plan = app.services.directory().by_slug("acme").unwrap().plan_by_key("pro").unwrap().clone();
    let acme = plan.application_id;
    let (services, operator) = (&app.services, Ctx::operator());
    let new = domain::billing::price::NewPrice {
        name: domain::billing::price::PriceName::parse("Dearer").unwrap(),
        money: domain::Money::new(1200, Currency::parse("usd").unwrap()).unwrap(),
        interval: domain::billing::price::Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    services.plans().remove_price(&operator, acme, plan.id, plan.prices[0].id).await.unwrap();
    services.plans().add_price(&operator, acme, plan.id, new).await.unwrap();
    let gone = confirm(&app, &shown).await;
    assert_eq!(gone.status, StatusCode::CONFLICT, "the price is not on offer any more");
    assert!(!app.get("/portal").await.text().contains("Undo"));

    let shown = app.get("/portal/change?plan=pro").await;
    let bent = [
        ("of", field(&shown, "of")),
        ("plan", "pro".into()),
        ("price", field(&shown, "price")),
        ("digest", field(&shown, "digest").replace("1200", "1000")),
        ("at", field(&shown, "at")),
    ];
    let bent: Vec<(&str, &str)> = bent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = app.post_form("/portal/change", &bent).await;
    check(&again);
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("The amount has changed") && again.text().contains("$12.00"));
    assert_eq!(confirm(&app, &again).await.location(), Some("/portal?done=scheduled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_preview_of_an_upgrade_is_shown_again() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let shown = app.get("/portal/change?plan=team").await;
    app.clock.advance(TimeDelta::minutes(10));
    assert!(confirm(&app, &shown).await.location().unwrap().starts_with("/checkout/"), "the checkout shows the sum");
    let shown = app.get("/portal/change?plan=team").await;
    app.clock.advance(TimeDelta::minutes(16));
    visit(&app, "user@example.com").await;
    app.clock.advance(TimeDelta::minutes(25));
    let again = confirm(&app, &shown).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{:?}", again.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_unused_time_pays_is_agreed_to_for_a_while() {
    let app = open().await;
    pages_shop::add_rupiah_plan(&app, "acme", "Yearly", 1_200_000, Interval::Year).await;
    pages_shop::add_rupiah_plan(&app, "acme", "Monthly", 110_000, Interval::Month).await;
    visit(&app, "user@example.com").await;
    buy(&app, "yearly").await;
    let shown = app.get("/portal/change?plan=monthly").await;
    app.clock.advance(TimeDelta::minutes(15));
    let again = confirm(&app, &shown).await;
    check(&again);
    assert_eq!(again.status, StatusCode::CONFLICT, "too long ago");
    app.clock.advance(TimeDelta::minutes(1));
    let now = app.get("/portal/change?plan=monthly").await;
    assert_ne!(field(&now, "digest"), field(&again, "digest"), "the sum runs by the second");
    assert_eq!(confirm(&app, &again).await.location(), Some("/portal?done=changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_can_be_printed_by_their_owner() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let invoice = app.get("/portal/invoices/ACME-000001").await;
    check(&invoice);
    for part in
        ["Invoice ACME-000001", "Billed to", "Example user", "user@example.com", "Pro", "$10.00", "Paid", "4242"]
    {
        assert!(invoice.text().contains(part), "{part}");
    }
    let second = app.browser();
    visit(&second, "second@example.com").await;
    for foreign in ["/portal/invoices/ACME-000001", "/portal/invoices/ACME-999999", "/portal/invoices/%00"] {
        assert_eq!(second.get(foreign).await.status, StatusCode::NOT_FOUND, "{foreign}");
    }
    let of = app.services.directory().by_slug("acme").unwrap().application.id.to_string();
    let paid = app.post_form("/portal/invoices/ACME-000001", &[("of", &of)]).await;
    assert_eq!(paid.status, StatusCode::CONFLICT, "nobody owes it");
    let foreign = second.post_form("/portal/invoices/ACME-000001", &[("of", &of)]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_sees_nothing_of_another_application_or_user() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    // The same person, in the portal of the other application, signed in as an unrelated user.
    let second = app.services.users().find_by_email(&Email::parse("second@example.com").unwrap()).await.unwrap();
    app.sign_in(&second.unwrap()).await;
    let entered = app.get(&session(&app, "other-server", "user@example.com").await).await;
    assert_eq!(entered.location(), Some("/portal"));
    let page = app.get("/portal").await;
    check(&page);
    for part in ["Basic", "Plus", "user@example.com", "Back to Other"] {
        assert!(page.text().contains(part), "{part}");
    }
    for foreign in ["Acme", ">Pro<", "ACME-", "$10", "4242", "second@example.com"] {
        assert!(!page.text().contains(foreign), "{foreign}");
    }
    assert_eq!(app.get("/portal/invoices/ACME-000001").await.status, StatusCode::NOT_FOUND);
    // A page of the other visit, still open in another tab, does nothing in this one.
    for act in ["cancel", "undo", "resume", "remove_method"] {
        let stale = press(&app, act).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{act}");
    }
    let ask = async |app: &TestApp, plan: &str| {
        let body = json!({ "plan": plan, "price": null, "text": "en" });
        app.post_json("/portal/rpc/preview", &body).await
    };
    let own = ask(&app, "plus").await;
    assert_eq!(own.json()["title"], "Change to Plus", "{}", own.text());
    let foreign = ask(&app, "pro").await;
    assert_eq!((foreign.status.as_u16(), &foreign.json()["code"]), (404, &json!("SUB_001")));
    let nobody = ask(&app.browser(), "plus").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    // Granted at once: nobody collects money there.
    let (preview, sent) = change(&app, "plus").await;
    assert!(preview.text().contains("It changes at once. Nothing is charged."));
    assert_eq!(sent.location(), Some("/portal?done=changed"));
    assert!(app.get("/portal").await.text().contains("Plus"));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_ends_closes_the_portal_at_once() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let acme = app.services.directory().by_slug("acme").unwrap().application.id;
    let id = user(&app, "user@example.com").await.parse().unwrap();
    let suspended = service::identity::memberships::MembershipPatch {
        status: Some(domain::identity::membership::MembershipStatus::Suspended),
        roles: None,
    };
    app.services.memberships().update(&Ctx::operator(), acme, id, suspended).await.unwrap();
    for path in ["/portal", "/portal/change?plan=pro", "/portal/invoices/ACME-000001"] {
        assert_eq!(app.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(press(&app, "cancel").await.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "plan": "pro", "price": null, "text": "en" });
    assert_eq!(app.post_json("/portal/rpc/preview", &body).await.status, StatusCode::UNAUTHORIZED);
    let refused = ask(&app, "acme-server", json!({ "end_user_id": user(&app, "user@example.com").await })).await;
    assert_eq!(refused.json()["error"]["code"], "APP_005");
}

#[tokio::test(flavor = "multi_thread")]
async fn speaks_indonesian_and_posts_from_elsewhere_are_refused() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal?lang=id").await;
    check(&page);
    for part in ["Paket Anda", "Ganti paket", "Kembali ke Acme", "Belum ada pembayaran."] {
        assert!(page.text().contains(part), "{part}");
    }
    let of = field(&app.get("/portal/change?plan=pro").await, "of");
    let forged = app.request(Method::POST, "/portal").header("sec-fetch-site", "cross-site");
    let forged = forged.form(&[("of", &of), ("act", "cancel")]).send().await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}
