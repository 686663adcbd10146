//! Acme, the demo's client application, over the real protocol.

use axum::{
    body::Body,
    http::{
        Request,
        header::{LOCATION, SET_COOKIE},
    },
};
use domain::{
    billing::{feature::Features, ledger::Actor, plan::PlanPatch},
    identity::user::User,
};
use serde_json::json;
use service::{Ctx, billing::subscriptions::Choice};
use tower::ServiceExt;

use crate::support::{Answer, TestApp, here};

/// Where a sign-in ends that did not work out.
const FAILED: &str = "/demo?notice=failed";

/// Begins to sign in, for somebody whom the server knows: the state, and the callback that is not opened yet.
async fn depart(app: &TestApp) -> (String, String) {
    let begun = app.get("/demo/sign-in").await;
    let answer = app.get(&here(begun.location().unwrap())).await;
    (begun.location_param("state").unwrap(), here(answer.location().unwrap()))
}

fn login_cookie(state: &str) -> String {
    format!("acme_login_{state}")
}

/// Goes where the browser is sent, until a page comes.
async fn follow(app: &TestApp, path: &str) -> Answer {
    let mut answer = app.get(path).await;
    for _ in 0..10 {
        let Some(next) = answer.location().map(str::to_owned) else { return answer };
        answer = app.get(&here(&next)).await;
    }
    panic!("redirected in a circle at {path}");
}

/// Dana, signed in at the server, who has kept the plan that everybody gets.
async fn dana(app: &TestApp) -> User {
    let user = app.user("demo@example.com").await;
    let acme = app.application("acme");
    let ctx = Ctx { actor: Actor::User(user.id), ..Ctx::anonymous() };
    app.services.memberships().admit(&ctx, &user, acme).await.unwrap();
    app.services.subscriptions().choose(&ctx, acme, Choice::Keep).await.unwrap();
    app.sign_in(&user).await;
    user
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_who_can_sign_in_under_a_strict_policy() {
    let app = TestApp::demo().await;
    let page = app.get("/demo").await;
    assert!(page.is_success() && page.text().contains("demo@example.com") && page.text().contains("ride the turnpike"));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'self'"));
    assert!(!page.text().contains("<script") && !page.text().contains("style="));
    assert_eq!(app.get("/demo/style.css").await.header("content-type"), Some("text/css; charset=utf-8"));
    let right = app.services.users().authenticate(&Ctx::anonymous(), "admin@example.com", "ride the turnpike").await;
    assert!(right.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_signs_in_shows_the_plan_refreshes_and_signs_out() {
    let app = TestApp::demo().await;
    dana(&app).await;
    let page = follow(&app, "/demo/sign-in").await;
    assert!(page.text().contains("You are on <strong class=\"plan\">free</strong>"), "{}", page.text());
    assert!(page.text().contains("3 projects") && page.text().contains("demo@example.com"));
    assert!(page.text().contains("<mark>  <span class=\"k\">&quot;features&quot;</span>"));

    // What an admin changes is in the next token.
    let acme = app.services.directory().by_slug("acme").cloned().unwrap();
    let free = acme.default_plan().unwrap().id;
    let features = Features::parse(json!({"maxProjects": 4, "sso": true, "<new>": "\"x\""})).unwrap();
    let patch = PlanPatch { features: Some(features), ..PlanPatch::default() };
    app.services.plans().update(&Ctx::operator(), acme.application.id, free, patch).await.unwrap();
    assert!(app.get("/demo").await.text().contains("3 projects"));
    let refreshed = app.post_form("/demo/refresh", &[]).await;
    assert_eq!(refreshed.location(), Some("/demo?notice=refreshed"));
    let page = app.get("/demo?notice=refreshed").await;
    assert!(page.text().contains("4 projects") && page.text().contains("New tokens"));
    assert!(page.text().contains("&lt;new&gt;") && !page.text().contains("<new>"));

    let out = app.post_form("/demo/sign-out", &[]).await;
    let logout = out.location().unwrap().to_owned();
    assert!(logout.starts_with("/oauth2/logout?id_token_hint="), "{logout}");
    let page = follow(&app, &logout).await;
    assert!(page.text().contains("Sign in to Acme"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_have_run_out_are_renewed_or_end_the_session() {
    let app = TestApp::demo().await;
    let user = dana(&app).await;
    follow(&app, "/demo/sign-in").await;
    let before = app.cookie("acme_session_0");
    app.clock.advance(chrono::TimeDelta::hours(2));
    assert!(app.get("/demo").await.text().contains("You are on"));
    assert_ne!(app.cookie("acme_session_0"), before);
    let acme = app.application("acme");
    app.services.memberships().revoke(&Ctx::operator(), acme, user.id).await.unwrap();
    app.clock.advance(chrono::TimeDelta::hours(2));
    let page = app.get("/demo").await;
    assert!(page.text().contains("Your session has ended"));
    assert_eq!(app.cookie("acme_session_0"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_not_asked_for_is_refused() {
    let app = TestApp::demo().await;
    dana(&app).await;
    let (state, callback) = depart(&app).await;
    assert!(callback.starts_with("/demo/callback?"), "{callback}");
    assert_eq!(app.get("/demo/callback").await.location(), Some(FAILED));
    assert_eq!(app.get(&callback.replace(&state, "another")).await.location(), Some(FAILED));
    assert!(app.cookie(&login_cookie(&state)).is_some(), "that was the answer to no sign-in of this browser's");
    assert_eq!(app.get(&callback.replace("iss=", "was=")).await.location(), Some(FAILED));
    let late = app.get(&callback).await;
    assert_eq!(late.location(), Some(FAILED), "the sign-in was over");
    assert_eq!(app.cookie("acme_session_0"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_sign_in_each_once_and_in_their_own_browser() {
    let app = TestApp::demo().await;
    dana(&app).await;
    let tabs = [depart(&app).await, depart(&app).await];
    for (state, callback) in &tabs {
        let elsewhere = app.router().oneshot(Request::get(callback).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(elsewhere.headers()[LOCATION], FAILED);
        assert!(!elsewhere.headers().contains_key(SET_COOKIE), "another browser gets nothing");
        assert_eq!(app.get(callback).await.location(), Some("/demo"));
        assert_eq!(app.cookie(&login_cookie(state)), None);
        assert_eq!(app.get(callback).await.location(), Some(FAILED), "it serves once");
        assert!(app.get("/demo").await.text().contains("You are on"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_keeps_a_few_sign_ins() {
    let app = TestApp::demo().await;
    dana(&app).await;
    let mut states = Vec::new();
    let mut last = String::new();
    for _ in 0..7 {
        let (state, callback) = depart(&app).await;
        states.push(state);
        last = callback;
    }
    assert_eq!(states.iter().filter(|state| app.cookie(&login_cookie(state)).is_some()).count(), 5);
    assert_eq!(app.get(&last).await.location(), Some("/demo"));
}
