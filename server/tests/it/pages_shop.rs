//! A shop whose pages the tests open: one product that grants its plans, one that lets Stripe bill, one by invitation.

use domain::{
    Currency, Money,
    billing::{
        plan::{NewPlan, PlanName},
        price::{Interval, NewPrice, PriceName},
    },
};
use service::Ctx;

use crate::support::{Answer, TestApp};

pub const PASSWORD: &str = "correct horse battery staple";

const CATALOG: &str = r##"
[[applications]]
slug = "acme"
name = "Acme"
url = "https://acme.example/"
theme = { brand = "#0f766e", radius = "12px", terms_url = "https://acme.example/terms" }
[[applications.clients]]
name = "Acme Web"
client_id = "acme-web"
type = "public"
redirect_uris = ["http://127.0.0.1:9300/callback"]
skip_consent = true
[[applications.clients]]
name = "Other <b>& Co</b>"
client_id = "acme-other"
type = "public"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "free"
name = "Free"
default = true
features = { exportEnabled = false }
[[applications.plans]]
key = "pro"
name = "Pro"
description = "</textarea><script>alert(1)</script>"
features = { maxProjects = 50, exportEnabled = true, limits = { apiCallsPerDay = 10000 } }
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"
trial_days = 14
[[applications.plans.prices]]
name = "Yearly"
amount = 9990
currency = "usd"
interval = "year"
[[applications.plans.prices]]
name = "Bulanan"
amount = 9900000
currency = "idr"
interval = "month"

[[applications]]
slug = "billed"
name = "Billed"
payment_provider = "stripe"
[[applications.clients]]
name = "Billed Web"
client_id = "billed-web"
type = "public"
redirect_uris = ["http://127.0.0.1:9300/callback"]
skip_consent = true
[[applications.plans]]
key = "gold"
name = "Gold"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"
trial_days = 14

[[applications]]
slug = "paid"
name = "Paid"
payment_provider = "sandbox"
return_urls = ["https://paid.example/billing"]
# theme
[[applications.clients]]
name = "Paid Web"
client_id = "paid-web"
type = "public"
redirect_uris = ["http://127.0.0.1:9300/callback"]
skip_consent = true
[[applications.clients]]
name = "Paid server"
client_id = "paid-server"
client_secret = "a-secret-of-32-characters-or-more"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "gold"
name = "Gold"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"

[[applications]]
slug = "closed"
name = "Closed"
allow_register = false
[[applications.clients]]
name = "Closed Web"
client_id = "closed-web"
type = "public"
redirect_uris = ["http://127.0.0.1:9300/callback"]
skip_consent = true

[[users]]
email = "user@example.com"
password = "correct horse battery staple"
name = "Example user"
"##;

/// A theme with every key, for the line `# theme` of a catalog.
pub const THEME: &str = "theme = { logo_url = 'https://look.example/logo.svg', brand = '#0f766e', \
    background = '#fffaf0', text = '#1c1917', dark_brand = '#5eead4', dark_background = '#0c0a09', \
    dark_text = '#fafaf9', font = 'serif', radius = '12px', support_url = 'https://look.example/support', \
    terms_url = 'https://look.example/terms', privacy_url = 'https://look.example/privacy' }";

/// A server with the shop.
pub async fn open() -> TestApp {
    stock(TestApp::start().await).await
}

/// The shop on a server that a test has prepared.
pub async fn stock(app: TestApp) -> TestApp {
    app.apply(&CATALOG.replace("# theme", THEME)).await;
    app
}

/// Adds a plan at a price in rupiah to an application.
pub async fn add_rupiah_plan(app: &TestApp, slug: &str, name: &str, rupiah: i64, interval: Interval) {
    let (operator, plans) = (Ctx::operator(), app.services.plans());
    let application = app.application(slug);
    let plan = NewPlan::new(PlanName::parse(name).unwrap());
    let plan = plans.create(&operator, application, plan).await.unwrap().id;
    let price = NewPrice {
        name: PriceName::parse("Rupiah").unwrap(),
        money: Money::new(rupiah * 100, Currency::parse("idr").unwrap()).unwrap(),
        interval,
        trial_days: None,
        stripe_price_id: None,
    };
    plans.add_price(&operator, application, plan, price).await.unwrap();
}

/// An authorization request of a client, with more parameters.
pub fn authorize(client: &str, more: &str) -> String {
    format!(
        "/oauth2/authorize?response_type=code&client_id={client}&scope=openid%20email&state=s&code_challenge_method=S256\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A9300%2Fcallback\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM{more}"
    )
}

/// The page that an authorization request leads to, and its address.
pub async fn arrive(app: &TestApp, client: &str, more: &str) -> (String, Answer) {
    let sent = app.get(&authorize(client, more)).await;
    let page = sent.location().expect("a page").to_owned();
    let answer = app.get(&page).await;
    (page, answer)
}

/// Signs the shop's user in by the form, and gives the plan selection page with its address.
pub async fn plan_page(app: &TestApp, client: &str, more: &str) -> (String, Answer) {
    let (page, _) = arrive(app, client, more).await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let resume = sent.location().expect("the way on").to_owned();
    let plans = app.get(&resume).await.location().expect("plan selection").to_owned();
    let answer = app.get(&plans).await;
    (plans, answer)
}

/// The policy of every page. Without `form-action`, which browsers apply to the redirect back to an application, too.
const POLICY: &str = "default-src 'none'; script-src 'nonce-NONCE' 'wasm-unsafe-eval'; style-src 'self' 'nonce-NONCE'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
     frame-ancestors 'none'; object-src 'none'";

/// What every page has: a title, one heading, landmarks, a language, no style attribute, the headers that keep others
/// out, and a policy whose nonce is on every script and style of the page.
#[track_caller]
pub fn check(page: &Answer) {
    let html = page.text();
    assert!(html.contains("<title>") && !html.contains("<title></title>"), "no title");
    assert!(!html.contains("<!></title>"), "a marker in the title");
    assert_eq!(html.matches("<h1").count(), 1, "one heading");
    assert_eq!(html.matches("<main").count(), 1, "one main");
    assert!(html.contains("<footer") && html.contains("<header"), "landmarks");
    assert!(html.contains("<html lang="), "a language");
    assert!(!html.contains(" style="), "a style attribute");
    let policy = page.header("content-security-policy").expect("a policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert_eq!(policy.replace(nonce, "NONCE"), POLICY);
    let passwords = html.split("<input").filter_map(|rest| rest.split('>').next());
    for field in passwords.filter(|field| field.contains("type=\"password\"")) {
        assert!(!field.contains("maxlength"), "a password is cut without a word: {field}");
    }
    for tag in ["<script", "<style"] {
        for opening in html.split(tag).skip(1) {
            let opening = opening.split('>').next().unwrap_or_default();
            assert!(opening.contains(&format!("nonce=\"{nonce}\"")), "{tag} without the nonce: {opening}");
        }
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
}

/// [`check`], of a page of an application with the [`THEME`]: it shows all of it.
#[track_caller]
pub fn check_look(page: &Answer) {
    check(page);
    for part in [
        "--brand:#0f766e;",
        "--page:#fffaf0;--ink:#1c1917;",
        "--radius:12px;--font:ui-serif,Georgia,serif;",
        ":root[data-theme=dark]{--brand:#5eead4;",
        "--page:#0c0a09;--ink:#fafaf9;",
        " src=\"/logo/",
        "href=\"https://look.example/support\"",
        "href=\"https://look.example/terms\"",
        "href=\"https://look.example/privacy\"",
    ] {
        assert!(page.text().contains(part), "{part} is not in the look of {}", page.text());
    }
}
