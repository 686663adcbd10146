//! The pages about one's own account, without JavaScript.

use axum::http::StatusCode;
use domain::identity::email::Email;

use crate::{
    pages_shop::{self, check},
    support::TestApp,
};

const PASSWORD: &str = "correct horse battery staple";
const NEW: &str = "four unrelated plain words";
const PAGES: [(&str, &str); 5] = [
    ("/account", "profile"),
    ("/account/password", "password"),
    ("/account/sessions", "sessions"),
    ("/account/connected", "connected"),
    ("/account/data", "data"),
];

/// The shop, with its user signed in.
async fn open() -> TestApp {
    let app = pages_shop::open().await;
    sign_in(&app).await;
    app
}

async fn sign_in(app: &TestApp) {
    let email = Email::parse("user@example.com").unwrap();
    app.sign_in(&app.services.users().find_by_email(&email).await.unwrap().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_for_whoever_is_signed_in_and_lead_back() {
    let app = pages_shop::open().await;
    for (page, name) in PAGES {
        let sign_in = format!("/sign-in?to={name}");
        for answer in [app.get(page).await, app.post_form(page, &[]).await] {
            assert_eq!(answer.location(), Some(sign_in.as_str()), "{page}");
        }
        let form = [("email", "user@example.com"), ("password", PASSWORD)];
        let browser = app.browser();
        assert_eq!(browser.post_form(&sign_in, &form).await.location(), Some(page));
        let shown = browser.get(page).await;
        assert_eq!(shown.status, StatusCode::OK);
        check(&shown);
        assert!(shown.text().contains("aria-current=\"page\"") && shown.text().contains("user@example.com"));
    }
    assert_eq!(app.get("/account/export").await.location(), Some("/sign-in?to=data"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_and_what_is_wrong_stands_beside_its_field() {
    let app = open().await;
    let bad = [("name", "Ann"), ("phone_number", "no number"), ("birthdate", "yesterday"), ("zoneinfo", "a b")];
    let refused = app.post_form("/account", &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    check(&refused);
    for text in ["value=\"Ann\"", "value=\"no number\"", "+6281234567890", "1990-12-31", "Asia/Jakarta"] {
        assert!(refused.text().contains(text), "{text}");
    }
    let good = [("name", "Ann"), ("phone_number", "+62 812-3456"), ("birthdate", "1990-12-31"), ("locale", "id")];
    let saved = app.post_form("/account", &good).await;
    assert_eq!(saved.location(), Some("/account?done=1"));
    let shown = app.get("/account?done=1").await;
    check(&shown);
    for text in ["Tersimpan.", "value=\"+628123456\"", "value=\"1990-12-31\"", "<html lang=\"id\""] {
        assert!(shown.text().contains(text), "{text}");
    }
    assert!(!app.get("/account").await.text().contains("Tersimpan."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_the_browser_goes_on() {
    let app = open().await;
    let before = app.cookie("turnpike_session").unwrap();
    for (fields, why) in [
        ([("password", ""), ("new_password", NEW)], "Fill this in."),
        ([("password", "wrong"), ("new_password", NEW)], "This is not your current password."),
        ([("password", PASSWORD), ("new_password", "short")], "Use 8 to 256 characters."),
        ([("password", PASSWORD), ("new_password", "password123")], "easy to guess"),
    ] {
        let refused = app.post_form("/account/password", &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        check(&refused);
        assert!(refused.text().contains(why) && !refused.text().contains(NEW), "{why}");
    }
    let done = app.post_form("/account/password", &[("password", PASSWORD), ("new_password", NEW)]).await;
    assert_eq!(done.location(), Some("/account/password?done=1"));
    assert!(app.get("/account/password?done=1").await.text().contains("Your password was changed"));
    assert_ne!(app.cookie("turnpike_session").unwrap(), before, "a session of its own");
    let other = app.browser();
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(other.post_form("/sign-in", &form).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sessions_are_ended() {
    let app = open().await;
    let other = app.browser();
    sign_in(&other).await;
    let page = app.get("/account/sessions").await;
    assert!(page.text().contains("This browser") && page.text().contains("Sign out everywhere else"));
    let (_, rest) = page.text().split_once("name=\"session\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
    assert_eq!(app.post_form("/account/sessions", &[("session", &id)]).await.location(), Some("/account/sessions"));
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
    assert!(!app.get("/account/sessions").await.text().contains("Sign out everywhere else"));
    for odd in ["", "x", id.as_str(), "others"] {
        assert_eq!(app.post_form("/account/sessions", &[("session", odd)]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(app.get("/account").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_taken_along_and_deleted() {
    let app = open().await;
    let file = app.get("/account/export").await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"account.json\""));
    assert_eq!(file.json()["user"]["email"], "user@example.com");
    let wrong = app.post_form("/account/data", &[("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    check(&wrong);
    assert!(wrong.text().contains("This is not your current password."));
    let gone = app.post_form("/account/data", &[("password", PASSWORD)]).await;
    assert_eq!(gone.status, StatusCode::OK);
    check(&gone);
    assert!(gone.text().contains("Your account is deleted") && app.cookie("turnpike_session").is_none());
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(app.post_form("/sign-in", &form).await.status, StatusCode::UNAUTHORIZED);
}
