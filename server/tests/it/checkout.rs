//! From plan selection through the sandbox to the tokens, and by link.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    Locale,
    application::{Provider, SettingsPatch},
    billing::{
        plan::{NewPlan, PlanName},
        price::Interval,
        subscription::{Source, Subscription},
    },
    id::{ApplicationId, UserId},
    identity::email::Email,
};
use service::{Ctx, billing::subscriptions::Assignment};

use crate::{
    pages_shop::{self, check, plan_page},
    support::{Answer, TestApp},
};

/// The value of a page's hidden field.
fn hidden(page: &Answer, name: &str) -> String {
    let marker = format!("name=\"{name}\" value=\"");
    let rest = page.text().split(&marker).nth(1).unwrap_or_else(|| panic!("no {name}: {}", page.text()));
    rest.split('"').next().expect("a value").to_owned()
}

/// The hidden price of the page's only plan.
fn price(page: &Answer) -> String {
    hidden(page, "price")
}

/// Where the links of [`Link`] lead back to.
const WELCOME: &str = "https://paid.example/billing/welcome";

/// A checkout by redirect for the shop's user.
struct Link<'a> {
    app: &'a TestApp,
    application: ApplicationId,
    user: UserId,
    path: String,
}

impl<'a> Link<'a> {
    async fn to(app: &'a TestApp, slug: &str, plan: &str) -> Self {
        let application = app.services.directory().by_slug(slug).unwrap().application.id;
        let email = Email::parse("user@example.com").unwrap();
        let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id;
        let base = "https%3A%2F%2Fpaid.example%2Fbilling";
        let path = format!(
            "/checkout?project_id={application}&plan={plan}&user_id={user}&success_url={base}%2Fwelcome&cancel_url={base}"
        );
        Self { app, application, user, path }
    }

    async fn open(&self) -> Answer {
        self.app.get(&self.path).await
    }

    /// Presses the button of the page that shows these terms.
    async fn agree(&self, digest: &str) -> Answer {
        self.app.post_form(&self.path, &[("digest", digest)]).await
    }

    /// Presses the button of this page.
    async fn confirm(&self, page: &Answer) -> Answer {
        let (digest, at) = (hidden(page, "digest"), hidden(page, "at"));
        self.app.post_form(&self.path, &[("digest", &digest), ("at", &at)]).await
    }

    async fn held(&self) -> Option<Subscription> {
        let subscriptions = self.app.services.subscriptions();
        subscriptions.get(&Ctx::operator(), self.application, self.user).await.unwrap()
    }
}

/// Adds a plan that costs nothing to the application that the sandbox collects for.
async fn add_basic(app: &TestApp) {
    let paid = app.services.directory().by_slug("paid").unwrap().application.id;
    let basic = NewPlan::new(PlanName::parse("Basic").unwrap());
    app.services.plans().create(&Ctx::operator(), paid, basic).await.unwrap();
}

fn path(url: &str) -> String {
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or(url).to_owned()
}

/// Chooses Gold of the application that the sandbox collects for: gives the address of the checkout.
async fn choose(app: &TestApp) -> String {
    let (plans, page) = plan_page(app, "paid-web", "").await;
    let sent = app.post_form(&plans, &[("plan", "gold"), ("price", &price(&page)), ("cycle", "month")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let checkout = sent.location().expect("checkout").to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    checkout
}

/// Presses the button of the checkout: gives the sandbox's page.
async fn press(app: &TestApp, checkout: &str) -> String {
    let sent = app.post_form(checkout, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    path(sent.location().expect("the sandbox"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_plan_is_in_the_code_that_follows() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let page = app.get(&checkout).await;
    check(&page);
    for part in ["Subscribe to Gold", "Due today", "$9.99", "Pay $9.99", "Test mode", "Renews every month"] {
        assert!(page.text().contains(part), "{part}");
    }
    let sandbox = press(&app, &checkout).await;
    assert_eq!(press(&app, &checkout).await, sandbox, "a second click opens the same payment");
    check(&app.get(&sandbox).await);

    let declined = app.post_form(&sandbox, &[("act", "card"), ("number", "4000000000000002")]).await;
    check(&declined);
    assert!(declined.text().contains("The card was declined"));
    let secure = app.post_form(&sandbox, &[("act", "card"), ("number", "4000 0000 0000 3220")]).await;
    check(&secure);
    assert!(secure.text().contains("3-D Secure"));
    let passed = app.post_form(&sandbox, &[("act", "pass")]).await;
    let back = path(passed.location().expect("back to the checkout"));
    let on = app.get(&back).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
    let client = app.follow(on.location().unwrap()).await;
    assert!(client.location_param("code").is_some(), "{:?}", client.location());
    let again = app.get(&checkout).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "a paid order goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_awaited_on_its_page() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let begun = app.post_form(&sandbox, &[("act", "va")]).await;
    let back = path(begun.location().unwrap());
    let waiting = app.get(&back).await;
    assert_eq!(waiting.location(), Some(checkout.as_str()));
    let page = app.get(&checkout).await;
    check(&page);
    assert!(page.text().contains("Waiting for your payment") && page.header("refresh") == Some("5"));
    let until = app.services.now() + TimeDelta::hours(24);
    for part in [format!("Pay before {}", Locale::En.date_time(until)), "Time left: 1 day 0:00:00".into()] {
        assert!(page.text().contains(&part), "{part}: {}", page.text());
    }
    app.clock.advance(TimeDelta::hours(1) + TimeDelta::seconds(5));
    let later = app.get(&format!("{checkout}?lang=id")).await;
    check(&later);
    for part in [format!("Bayar sebelum {}", Locale::Id.date_time(until)), "Sisa waktu: 22:59:55".into()] {
        assert!(later.text().contains(&part), "{part}: {}", later.text());
    }
    app.post_form(&sandbox, &[("act", "arrive")]).await;
    let done = app.get(&checkout).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume"), "the page finds out by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkout_of_whoever_lost_access_is_over() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let link = Link::to(&app, "paid", "gold").await;
    app.services.memberships().revoke(&Ctx::operator(), link.application, link.user).await.unwrap();
    for answer in [app.get(&checkout).await, app.post_form(&checkout, &[]).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        check(&answer);
        assert!(answer.text().contains("This checkout has ended"), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_needs_its_user_and_registered_addresses() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let directory = app.services.directory();
    let project = directory.by_slug("paid").unwrap().application.id;
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id;
    let link = |user: &str, url: &str| {
        format!("/checkout?project_id={project}&plan=gold&user_id={user}&success_url={url}&cancel_url={url}")
    };
    let good = "https%3A%2F%2Fpaid.example%2Fbilling%2Fdone";
    let right = app.get(&link(&user.to_string(), good)).await;
    assert!(right.location().unwrap().starts_with("/checkout/"), "{:?}", right.location());
    for wrong in [
        link(&user.to_string(), "https%3A%2F%2Fevil.example%2F"),
        link("nobody", good),
        "/checkout".to_owned(),
        "/checkout/bent".to_owned(),
        "/checkout/return?order=bent".to_owned(),
        "/checkout/return".to_owned(),
    ] {
        let page = app.get(&wrong).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
        check(&page);
    }
    // Somebody else is signed in: they can become the one who is meant.
    let foreign = link(&project.to_string(), good);
    let page = app.get(&foreign).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    check(&page);
    assert!(page.text().contains("This checkout is for somebody else") && page.text().contains("user@example.com"));
    assert!(page.text().contains("href=\"/sign-in?checkout=project_id%3D"), "{}", page.text());
    let missing = app.get("/sandbox/pay/0198b5a4-0000-7000-8000-000000000000").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_what_is_free_asks_before_it_grants() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    add_basic(&app).await;
    let link = Link::to(&app, "paid", "basic").await;
    let page = link.open().await;
    check(&page);
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Choose Basic", "It changes at once. Nothing is charged.", "Change now", "Keep as it is"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(page.text().contains("href=\"https://paid.example/billing\""), "the way back");
    let digest = hidden(&page, "digest");
    let indonesian = app.get(&format!("{}&lang=id", link.path)).await;
    check(&indonesian);
    assert!(indonesian.text().contains("Pilih Basic") && indonesian.text().contains("Berlaku seketika."));
    assert_eq!(link.held().await, None, "a link grants nothing");

    let foreign = app.request(Method::POST, &link.path).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&[("digest", &digest)]).send().await.status, StatusCode::FORBIDDEN);
    let unseen = link.agree("1/free").await;
    check(&unseen);
    assert_eq!(unseen.status, StatusCode::CONFLICT, "nobody has agreed to this");
    let nobody = app.browser().post_form(&link.path, &[("digest", &digest)]).await;
    assert!(nobody.location().unwrap().starts_with("/sign-in?checkout="), "{:?}", nobody.location());
    assert_eq!(link.held().await, None, "neither do these");

    let done = link.agree(&digest).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, Some(WELCOME)));
    let held = link.held().await.expect("a plan");
    let basic = app.services.directory().by_slug("paid").unwrap().plan_by_key("basic").unwrap().id;
    assert_eq!((held.plan_id, held.price_id, held.source), (basic, None, Source::User));
    assert_eq!(link.agree(&digest).await.location(), Some(WELCOME));
    assert_eq!(link.open().await.location(), Some(WELCOME));
    assert_eq!(link.held().await, Some(held), "twice is once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_lower_plan_asks_before_it_is_noted() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    app.get(&path(paid.location().unwrap())).await;
    add_basic(&app).await;
    let link = Link::to(&app, "paid", "basic").await;
    let before = link.held().await.expect("Gold");
    assert!(before.is_billed());
    let page = link.open().await;
    check(&page);
    for part in ["Change to Basic", "You keep Gold until", "then Basic, and nothing more is charged", "Change on "] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(link.held().await.as_ref(), Some(&before), "a link notes nothing");
    let digest = hidden(&page, "digest");
    for _ in 0..2 {
        assert_eq!(link.agree(&digest).await.location(), Some(WELCOME));
        let after = link.held().await.expect("Gold, for now");
        let scheduled = after.scheduled.expect("a change");
        assert_eq!((after.plan_id, Some(scheduled.at)), (before.plan_id, before.period.map(|period| period.end)));
        assert_ne!(scheduled.plan_id, before.plan_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_upgrade_that_unused_time_pays_is_agreed_to_for_a_while() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    pages_shop::add_rupiah_plan(&app, "paid", "Yearly", 1_200_000, Interval::Year).await;
    pages_shop::add_rupiah_plan(&app, "paid", "Monthly", 110_000, Interval::Month).await;
    let checkout = Link::to(&app, "paid", "yearly").await.open().await;
    let sandbox = press(&app, checkout.location().expect("checkout")).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    app.get(&path(paid.location().unwrap())).await;

    let link = Link::to(&app, "paid", "monthly").await;
    let before = link.held().await.expect("Yearly");
    assert!(before.is_billed());
    let page = link.open().await;
    check(&page);
    assert_eq!(page.status, StatusCode::OK);
    app.clock.advance(TimeDelta::minutes(15));
    let again = link.confirm(&page).await;
    check(&again);
    assert_eq!(again.status, StatusCode::CONFLICT, "too long ago");
    assert_eq!(link.held().await.as_ref(), Some(&before));
    app.clock.advance(TimeDelta::minutes(1));
    assert_ne!(hidden(&link.open().await, "digest"), hidden(&again, "digest"), "the sum runs by the second");
    assert_eq!(link.confirm(&again).await.location(), Some(WELCOME));
    assert_ne!(link.held().await.expect("Monthly").plan_id, before.plan_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leaves_an_assigned_plan_alone() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    add_basic(&app).await;
    let (free, paid) = (Link::to(&app, "paid", "basic").await, Link::to(&app, "paid", "gold").await);
    let staff = NewPlan::new(PlanName::parse("Staff").unwrap());
    let staff = app.services.plans().create(&Ctx::operator(), free.application, staff).await.unwrap();
    let assignment = Assignment { plan_id: staff.id, expires_at: None, replace: false };
    let subscriptions = app.services.subscriptions();
    subscriptions.assign(&Ctx::operator(), free.application, free.user, assignment).await.unwrap();
    let held = free.held().await;
    assert!(held.is_some());
    for link in [&free, &paid] {
        for page in [link.open().await, link.agree("").await] {
            check(&page);
            assert_eq!(page.status, StatusCode::FORBIDDEN);
            assert!(page.text().contains("Your plan is managed for you"));
            assert!(page.text().contains("href=\"https://paid.example/billing\""), "the way back");
        }
    }
    assert_eq!(free.held().await, held);
    assert_eq!(Link::to(&app, "paid", "staff").await.open().await.location(), Some(WELCOME), "they have it");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_collects_every_plan_is_granted() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    let link = Link::to(&app, "paid", "gold").await;
    let patch = SettingsPatch { provider: Some(Provider::None), ..SettingsPatch::default() };
    app.services.applications().update(&Ctx::operator(), link.application, patch.into()).await.unwrap();
    let gold = app.services.directory().by_slug("paid").unwrap().plan_by_key("gold").unwrap().id;

    // The redirect of the contract.
    let page = link.open().await;
    check(&page);
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Choose Gold", "It changes at once. Nothing is charged.", "Change now"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(!page.text().contains("$9.99"), "no price applies");
    assert_eq!(link.held().await, None);
    assert_eq!(link.agree(&hidden(&page, "digest")).await.location(), Some(WELCOME));
    let held = link.held().await.expect("Gold");
    assert_eq!((held.plan_id, held.price_id, held.source), (gold, None, Source::User));

    // A product's server.
    let end = async || app.services.subscriptions().end(&Ctx::operator(), link.application, link.user).await.unwrap();
    let ask = async |path: &str, mut body: serde_json::Value| {
        body["client_id"] = "paid-server".into();
        body["client_secret"] = "a-secret-of-32-characters-or-more".into();
        body["end_user_id"] = link.user.to_string().into();
        app.post_json(path, &body).await
    };
    let session = serde_json::json!({ "plan": "gold", "success_url": WELCOME, "cancel_url": WELCOME });
    let payment = serde_json::json!({ "plan_id": "gold", "customer_email": "payer@example.com" });
    for (path, body, answer) in [
        (
            "/api/platform/checkout/sessions",
            session,
            serde_json::json!({ "checkout_url": WELCOME, "order_id": null, "expires_in": 0 }),
        ),
        (
            "/api/platform/payment",
            payment,
            serde_json::json!({ "invoice_url": null, "order_id": null, "payment_id": null }),
        ),
    ] {
        end().await;
        let made = ask(path, body.clone()).await;
        assert_eq!((made.status, made.json()), (StatusCode::CREATED, answer), "{path}");
        assert_eq!(link.held().await.map(|held| held.plan_id), Some(gold), "{path}");
        assert_eq!(ask(path, body).await.json()["error"]["code"], "SUB_002", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_products_server_begins_a_checkout() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let ask = async |success_url: &str, user: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan": "gold", "success_url": success_url, "cancel_url": "https://paid.example/billing",
        });
        app.post_json("/api/platform/checkout/sessions", &body).await
    };
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id.to_string();
    let made = ask("https://paid.example/billing/done", &user).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    assert_eq!(made["expires_in"], 24 * 3600);
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["order_id"], made["order_id"]);
    let checkout = path(made["checkout_url"].as_str().unwrap());
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = app.get(&path(paid.location().unwrap())).await;
    assert_eq!(on.location(), Some("https://paid.example/billing/done"));
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["error"]["code"], "SUB_002");
    assert_eq!(ask("https://evil.example/", &user).await.json()["error"]["code"], "APP_001");
    assert_eq!(ask("https://paid.example/billing", "nobody").await.json()["error"]["code"], "USR_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_through_sign_in_to_the_checkout() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let project = app.services.directory().by_slug("paid").unwrap().application.id;
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id;
    let url = "https%3A%2F%2Fpaid.example%2Fbilling";
    let link = format!("/checkout?project_id={project}&plan=gold&user_id={user}&success_url={url}&cancel_url={url}");
    let browser = app.browser();
    let sent = browser.get(&link).await;
    let sign_in = sent.location().expect("sign-in").to_owned();
    assert!(sign_in.starts_with("/sign-in?checkout="), "{sign_in}");
    let page = browser.get(&sign_in).await;
    check(&page);
    assert!(page.text().contains("Sign in to Paid") && !page.text().contains("Create an account"));
    let wrong = browser.post_form(&sign_in, &[("email", "user@example.com"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let fields = [("email", "user@example.com"), ("password", pages_shop::PASSWORD)];
    let sent = browser.post_form(&sign_in, &fields).await;
    assert_eq!(sent.location(), Some(link.as_str()));
    assert!(browser.get(&link).await.location().unwrap().starts_with("/checkout/"));
    // A link that is wrong is not worth a sign-in, and a query is never another address.
    let evil = app.browser();
    let wrong = evil.get(&link.replace("paid.example", "evil.example")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let bent = format!("/sign-in?checkout=%2F%2Fevil.example%2F%0d%0a%26project_id%3D{project}");
    let sent = evil.post_form(&bent, &fields).await;
    assert!(sent.location().unwrap().starts_with("/checkout?"), "{:?}", sent.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_paid_by_whoever_has_its_address() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id.to_string();
    let ask = async |plan: &str, email: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan_id": plan, "customer_email": email, "customer_name": "Ms. Payer", "metadata": { "a": 1 },
        });
        app.request(axum::http::Method::POST, "/api/platform/payment")
            .header("idempotency-key", &format!("{plan}{email}"))
            .json(&body)
            .send()
            .await
    };
    let made = ask("gold", "payer@example.com").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(ask("gold", "payer@example.com").await.text(), made.text());
    let made = made.json();
    let plan = app.services.directory().by_slug("paid").unwrap().plan_by_key("gold").unwrap().id.to_string();
    assert_eq!(ask(&plan, "payer@example.com").await.json()["order_id"], made["order_id"], "by its id, too");
    assert!(made["payment_id"].as_str().is_some_and(|id| !id.is_empty()));
    for (plan, email, code) in [
        ("gold", "nobody", "APP_001"),
        ("silver", "payer@example.com", "SUB_001"),
        (user.as_str(), "a@b.example", "SUB_001"),
    ] {
        assert_eq!(ask(plan, email).await.json()["error"]["code"], code, "{plan} {email}");
    }
    let payer = app.browser();
    let checkout = path(made["invoice_url"].as_str().unwrap());
    check(&payer.get(&checkout).await);
    let sandbox = press(&payer, &checkout).await;
    let paid = payer.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let thanks = payer.get(&path(paid.location().unwrap())).await;
    check(&thanks);
    for part in ["Payment received", "Gold is active in Paid now", "https://paid.example/billing"] {
        assert!(thanks.text().contains(part), "{part}");
    }
    assert!(payer.get(&checkout).await.text().contains("Payment received"));
    assert_eq!(ask("gold", "again@example.com").await.json()["error"]["code"], "SUB_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_was_paid_for_nothing_says_so() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let link = Link::to(&app, "paid", "gold").await;
    let body = serde_json::json!({
        "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "plan_id": "gold",
        "end_user_id": link.user.to_string(), "customer_email": "payer@example.com",
    });
    let made = app.request(Method::POST, "/api/platform/payment").json(&body).send().await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let payer = app.browser();
    let checkout = path(made.json()["invoice_url"].as_str().unwrap());
    let sandbox = press(&payer, &checkout).await;
    app.services.memberships().revoke(&Ctx::operator(), link.application, link.user).await.unwrap();
    let paid = payer.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    for address in [path(paid.location().unwrap()), checkout] {
        let late = payer.get(&address).await;
        check(&late);
        assert!(late.text().contains("Payment received") && late.text().contains("nothing was bought"), "{address}");
        assert!(!late.text().contains("is active in Paid now"), "{address}");
    }
    assert_eq!(link.held().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_takes_off_what_the_page_then_shows() {
    use domain::billing::coupon::{BasisPoints, CouponCode, Duration, Off};
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let paid = app.services.directory().by_slug("paid").unwrap().application.id;
    let coupon = |code: &str, expires_at| service::billing::coupons::NewCoupon {
        code: CouponCode::parse(code).unwrap(),
        off: Off::Percent(BasisPoints::parse(2500).unwrap()),
        duration: Duration::Once,
        cap: None,
        expires_at,
        plans: vec![],
    };
    let operator = service::Ctx::operator();
    app.services.coupons().create(&operator, paid, coupon("QUARTER", None)).await.unwrap();
    app.services.coupons().create(&operator, paid, coupon("LATE", Some(app.services.now()))).await.unwrap();
    let page = app.get(&checkout).await;
    assert!(page.text().contains("Add a coupon"));
    let apply = async |at: &str, code: &str| app.post_form(at, &[("act", "coupon"), ("coupon", code)]).await;
    for (typed, why) in [
        ("no \"such\" <b>", "This is no coupon code"),
        ("NOBODYS", "This is no coupon code"),
        ("late", "This coupon has expired."),
    ] {
        let refused = apply(&checkout, typed).await;
        check(&refused);
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
        assert!(refused.text().contains(why) && refused.text().contains("Pay $9.99"), "{typed}");
        assert!(refused.text().contains("aria-invalid=\"true\"") && !refused.text().contains("<b>"), "{typed}");
        let kept = typed.replace('"', "&quot;").replace('<', "&lt;");
        assert!(refused.text().contains(&kept[..4]), "{typed}");
    }
    let applied = apply(&checkout, " quarter ").await;
    let cheaper = applied.location().expect("the order anew").to_owned();
    let page = app.get(&cheaper).await;
    check(&page);
    for part in ["Discount QUARTER", "-$2.50", "Pay $7.49", "Coupon QUARTER", "Remove", "Then $9.99"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(app.get(&checkout).await.status, StatusCode::GONE, "the dearer order is over");
    let dear = apply(&cheaper, "").await.location().expect("the order without it").to_owned();
    assert!(app.get(&dear).await.text().contains("Pay $9.99"));
    let cheaper = apply(&dear, "QUARTER").await.location().unwrap().to_owned();
    let sandbox = press(&app, &cheaper).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = app.get(&path(paid.location().unwrap())).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
}
