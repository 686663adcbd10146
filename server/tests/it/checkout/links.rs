//! Checkouts by redirect.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    application::{Provider, SettingsPatch},
    billing::{
        plan::{NewPlan, PlanName, PlanPatch},
        price::Interval,
        subscription::Source,
    },
    identity::membership::MembershipStatus,
};
use service::{Ctx, billing::subscriptions::Assignment, identity::memberships::MembershipPatch};

use super::{Link, WELCOME, add_basic, choose, press};
use crate::{
    pages_shop::{self, check, check_look, plan_page},
    support::here,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_needs_its_user_and_registered_addresses() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let project = app.application("paid");
    let user = app.user("user@example.com").await.id;
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
    check_look(&page);
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Choose Basic", "It changes at once. Nothing is charged.", "Change now", "Keep as it is"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(page.text().contains("href=\"https://paid.example/billing\""), "the way back");
    let digest = page.hidden("digest");
    let indonesian = app.get(&format!("{}&lang=id", link.path)).await;
    check_look(&indonesian);
    assert!(indonesian.text().contains("Pilih Basic") && indonesian.text().contains("Berlaku seketika."));
    assert_eq!(link.held().await, None, "a link grants nothing");

    let foreign = app.request(Method::POST, &link.path).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.form(&[("digest", &digest)]).send().await.status, StatusCode::FORBIDDEN);
    let unseen = link.agree("1/free").await;
    check_look(&unseen);
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
    app.get(&here(paid.location().unwrap())).await;
    add_basic(&app).await;
    let link = Link::to(&app, "paid", "basic").await;
    let before = link.held().await.expect("Gold");
    assert!(before.is_billed());
    let page = link.open().await;
    check_look(&page);
    for part in ["Change to Basic", "You keep Gold until", "then Basic, and nothing more is charged", "Change on "] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(link.held().await.as_ref(), Some(&before), "a link notes nothing");
    let digest = page.hidden("digest");
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
    app.get(&here(paid.location().unwrap())).await;

    let link = Link::to(&app, "paid", "monthly").await;
    let before = link.held().await.expect("Yearly");
    assert!(before.is_billed());
    let page = link.open().await;
    check_look(&page);
    assert_eq!(page.status, StatusCode::OK);
    app.clock.advance(TimeDelta::minutes(15));
    let again = link.confirm(&page).await;
    check_look(&again);
    assert_eq!(again.status, StatusCode::CONFLICT, "too long ago");
    assert_eq!(link.held().await.as_ref(), Some(&before));
    app.clock.advance(TimeDelta::minutes(1));
    assert_ne!(link.open().await.hidden("digest"), again.hidden("digest"), "the sum runs by the second");
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

/// The link is refused, in the look of its application, for a reason that the page names, with the way back.
async fn check_refused(link: &Link<'_>, status: StatusCode, why: &str) {
    for page in [link.open().await, link.agree("").await] {
        check_look(&page);
        assert_eq!(page.status, status, "{why}: {}", page.text());
        for part in [why, "Back to Paid", "href=\"https://paid.example/billing\""] {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_what_is_not_on_offer_says_so_and_leads_back() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    add_basic(&app).await;
    let (paid, basic) = (app.application("paid"), Link::to(&app, "paid", "basic").await);
    let plan = app.services.directory().by_slug("paid").unwrap().plan_by_key("basic").unwrap().id;
    let archived = PlanPatch { archived: Some(true), ..PlanPatch::default() };
    app.services.plans().update(&Ctx::operator(), paid, plan, archived).await.unwrap();
    let unknown = Link::to(&app, "paid", "silver").await;
    let mut dear = Link::to(&app, "paid", "gold").await;
    dear.path.push_str("&price_id=0198b5a4-0000-7000-8000-000000000000");
    for link in [&basic, &unknown, &dear] {
        check_refused(link, StatusCode::NOT_FOUND, "This plan is not on offer").await;
    }
    let indonesian = app.get(&format!("{}&lang=id", unknown.path)).await;
    check_look(&indonesian);
    assert!(indonesian.text().contains("Paket ini tidak ditawarkan") && indonesian.text().contains("Kembali ke Paid"));
    assert_eq!(unknown.held().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_somebody_without_access_says_so_and_leads_back() {
    let app = pages_shop::open().await;
    app.sign_in(&app.user("user@example.com").await).await;
    let link = Link::to(&app, "paid", "gold").await;
    check_refused(&link, StatusCode::FORBIDDEN, "No access to Paid").await;
    let (operator, memberships) = (Ctx::operator(), app.services.memberships());
    memberships.grant(&operator, link.application, link.user, None).await.unwrap();
    assert!(link.open().await.location().unwrap().starts_with("/checkout/"));
    let suspended = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
    memberships.update(&operator, link.application, link.user, suspended).await.unwrap();
    check_refused(&link, StatusCode::FORBIDDEN, "user@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_where_nobody_can_collect_says_so_and_leads_back() {
    let app = pages_shop::open().await;
    plan_page(&app, "paid-web", "").await;
    let link = Link::to(&app, "paid", "gold").await;
    let patch = SettingsPatch { provider: Some(Provider::Stripe), ..SettingsPatch::default() };
    app.services.applications().update(&Ctx::operator(), link.application, patch.into()).await.unwrap();
    check_refused(&link, StatusCode::CONFLICT, "Paid takes payment for Gold through Stripe").await;
    assert_eq!(link.held().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_a_plan_that_is_paused_says_so_and_leads_back() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    app.get(&here(paid.location().unwrap())).await;
    add_basic(&app).await;
    let link = Link::to(&app, "paid", "basic").await;
    app.services.changes().pause(&Ctx::operator(), link.application, link.user).await.unwrap();
    let before = link.held().await;
    check_refused(&link, StatusCode::CONFLICT, "Your plan is paused").await;
    assert_eq!(link.held().await, before);
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
    check_look(&page);
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Choose Gold", "It changes at once. Nothing is charged.", "Change now"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(!page.text().contains("$9.99"), "no price applies");
    assert_eq!(link.held().await, None);
    assert_eq!(link.agree(&page.hidden("digest")).await.location(), Some(WELCOME));
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
async fn a_link_leads_through_sign_in_to_the_checkout() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let project = app.application("paid");
    let user = app.user("user@example.com").await.id;
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
