use axum::http::StatusCode;
use domain::{application::Provider, billing::subscription::Source};
use service::{Ctx, billing::subscriptions::Assignment};

use crate::{
    pages_shop::{self, check, plan_page},
    support::{Answer, TestApp},
};

/// The ids of the hidden prices, in the order of the page.
fn prices(page: &Answer) -> Vec<String> {
    let inputs = page.text().split("name=\"price\" value=\"").skip(1);
    inputs.filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
}

/// The key of the plan that the member holds.
async fn held(app: &TestApp, slug: &str) -> Option<(String, Source)> {
    let directory = app.services.directory();
    let entry = directory.by_slug(slug)?;
    let email = domain::identity::email::Email::parse("user@example.com").ok()?;
    let user = app.services.users().find_by_email(&email).await.ok()??;
    let holder = app.services.entitlements().holder(user.id, entry.application.id).await.ok()??;
    let held = holder.subscription?;
    Some((entry.plan(held.plan_id)?.key.to_string(), held.source))
}

/// Whether the radio button of a plan is checked.
fn checked(page: &Answer, key: &str) -> bool {
    let id = format!("id=\"plan-{key}\"");
    let input = page.text().split("<input").find(|input| input.contains(&id)).expect("a radio button");
    input.split('>').next().unwrap_or_default().contains(" checked")
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_cards_and_marks_the_current_plan() {
    let app = pages_shop::open().await;
    let (_, page) = plan_page(&app, "acme-web", "").await;
    assert_eq!(page.status, StatusCode::OK);
    check(&page);
    let html = page.text();
    for part in ["Choose your plan", "$9.99", "$8.33", "$99.90 billed yearly", "Save 16%", "Current", "Keep Free"] {
        assert!(html.contains(part), "{part}");
    }
    for part in ["Max projects", "Not included", "<details", "API calls per day", "10,000"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<script>alert"), "escaped");
    assert!(!html.contains("Free trial"), "no provider bills, so that no trial applies");
    assert!(html.contains("role=\"radiogroup\"") && html.contains("cycle=year"));
    assert!(html.contains("leptos-island") && html.contains("/pkg/turnpike.wasm"));
    assert!(checked(&page, "free") && !checked(&page, "pro"));
    assert_eq!(html.matches("name=\"plan\"").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cycle_works_as_a_link() {
    let app = pages_shop::open().await;
    let (path, month) = plan_page(&app, "acme-web", "").await;
    assert!(month.text().contains("data-cycle=\"month\""));
    let year = app.get(&format!("{path}&cycle=year")).await;
    check(&year);
    assert!(year.text().contains("data-cycle=\"year\"") && year.text().contains("name=\"cycle\" value=\"year\""));
    let odd = app.get(&format!("{path}&cycle=fortnight")).await;
    assert!(odd.text().contains("data-cycle=\"month\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn rupiah_for_indonesians() {
    let app = pages_shop::open().await;
    let (_, page) = plan_page(&app, "acme-web", "&ui_locales=id").await;
    assert!(page.text().contains("Rp\u{a0}99.000") && page.text().contains("Pilih paket Anda"));
    assert!(page.text().contains("Lanjutkan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_grants_at_once_and_twice_is_once() {
    let app = pages_shop::open().await;
    let (path, page) = plan_page(&app, "acme-web", "").await;
    let mut form = vec![("plan", "pro".to_owned()), ("cycle", "year".to_owned())];
    form.extend(prices(&page).into_iter().map(|id| ("price", id)));
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for _ in 0..2 {
        let sent = app.post_form(&path, &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert!(sent.location().unwrap().starts_with("/oauth2/resume?flow="));
    }
    assert_eq!(held(&app, "acme").await, Some(("pro".into(), Source::User)));
    let sent = app.follow(app.post_form(&path, &form).await.location().unwrap()).await;
    assert!(sent.location().unwrap().starts_with("http://127.0.0.1:9300/callback?"), "{:?}", sent.location());
    assert!(sent.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_counts_as_chosen() {
    let app = pages_shop::open().await;
    let (path, _) = plan_page(&app, "acme-web", "").await;
    let sent = app.post_form(&path, &[("keep", "true")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(held(&app, "acme").await, Some(("free".into(), Source::Default)));
    let on = app.follow(sent.location().unwrap()).await;
    assert!(on.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_can_be_preselected() {
    let app = pages_shop::open().await;
    let (_, page) = plan_page(&app, "acme-web", "&plan=pro").await;
    assert!(checked(&page, "pro") && !checked(&page, "free"));
    let other = app.browser();
    let (_, page) = plan_page(&other, "acme-web", "&plan=nonsense").await;
    assert!(checked(&page, "free"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_and_changes_nothing() {
    let app = pages_shop::open().await;
    let (path, page) = plan_page(&app, "acme-web", "").await;
    let foreign = prices(&plan_page(&app.browser(), "billed-web", "").await.1).remove(0);
    for form in [
        vec![],
        vec![("plan", "nonsense")],
        vec![("plan", "gold")],
        vec![("plan", "../pro")],
        vec![("plan", "pro"), ("price", "not-an-id")],
        vec![("plan", "pro"), ("price", foreign.as_str())],
    ] {
        let sent = app.post_form(&path, &form).await;
        assert_eq!(sent.status, StatusCode::BAD_REQUEST, "{form:?}");
        check(&sent);
        assert!(sent.text().contains("role=\"alert\""), "{form:?}");
    }
    assert!(!prices(&page).is_empty());
    assert_eq!(held(&app, "acme").await, Some(("free".into(), Source::Default)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_paid_path_names_the_missing_provider() {
    let app = pages_shop::open().await;
    let (path, page) = plan_page(&app, "billed-web", "").await;
    assert!(page.text().contains("Free trial 14 days") && page.text().contains("Skip for now"));
    let price = prices(&page).remove(0);
    let sent = app.post_form(&path, &[("plan", "gold"), ("price", &price)]).await;
    assert_eq!(sent.status, StatusCode::CONFLICT);
    check(&sent);
    assert!(sent.text().contains("Stripe") && sent.text().contains("Gold"));
    assert_eq!(held(&app, "billed").await, None);
    assert_eq!(app.services.directory().by_slug("billed").unwrap().application.settings.provider, Provider::Stripe);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assigned_plan_cannot_be_changed_here() {
    let app = pages_shop::open().await;
    let (path, _) = plan_page(&app, "acme-web", "").await;
    let directory = app.services.directory();
    let entry = directory.by_slug("acme").unwrap();
    let user = app.user("user@example.com").await;
    let plan_id = entry.plan_by_key("pro").unwrap().id;
    let assignment = Assignment { plan_id, expires_at: None, replace: true };
    let subscriptions = app.services.subscriptions();
    subscriptions.assign(&Ctx::operator(), entry.application.id, user.id, assignment).await.unwrap();
    let page = app.get(&path).await;
    check(&page);
    assert!(page.text().contains("Your plan is managed for you") && page.text().contains("Keep Pro"));
    let sent = app.post_form(&path, &[("plan", "free")]).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    check(&sent);
    assert_eq!(held(&app, "acme").await.unwrap().0, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_a_session() {
    let app = pages_shop::open().await;
    let (path, _) = plan_page(&app, "acme-web", "").await;
    let stranger = app.browser();
    for answer in [stranger.get(&path).await, stranger.post_form(&path, &[("plan", "pro")]).await] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().unwrap().starts_with("/oauth2/resume?flow="));
    }
}
