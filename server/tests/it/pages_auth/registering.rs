//! New accounts and new passwords.

use axum::http::StatusCode;
use domain::{identity::user::GlobalRole, route};

use super::mail_link;
use crate::{
    pages_shop::{self, arrive, check},
    support::{Answer, TestApp},
};

/// What differs between two answers of one page.
fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy").unwrap_or_default().to_owned();
    let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
    rest.split_once('\'').expect("its end").0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_and_signs_in() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let page = page.replace(route::SIGN_IN, route::REGISTER);
    check(&app.get(&page).await);
    let bad = app.post_form(&page, &[("name", "Ann"), ("email", "ann")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    check(&bad);
    assert!(bad.text().contains("value=\"Ann\"") && bad.text().contains("Enter an email address"));
    let form = |email| [("name", "Ann"), ("email", email)];
    let known = app.post_form(&page, &form("user@example.com")).await;
    let asked = app.post_form(&page, &form("ann@example.com")).await;
    for answer in [&known, &asked] {
        assert_eq!(answer.status, StatusCode::OK);
        check(answer);
        assert!(answer.text().contains("Check your mail"));
    }
    let told = |answer: &Answer, email: &str| answer.text().replace(email, "").replace(&nonce(answer), "");
    assert_eq!(told(&known, "user@example.com"), told(&asked, "ann@example.com"), "nobody learns who has an account");
    assert!(app.cookie("turnpike_session").is_none());
    let link = mail_link(&app, "ann@example.com").await;
    let shown = app.get(&link).await;
    check(&shown);
    assert!(shown.text().contains("Choose a password") && shown.text().contains("value=\"ann@example.com\""));
    assert!(app.cookie("turnpike_session").is_none(), "looking does nothing");
    for (bad, why) in [("", "Fill this in."), ("short", "Use 8 to 256 characters."), ("password123", "easy to guess")] {
        let refused = app.post_form(&link, &[("password", bad)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        check(&refused);
        assert!(refused.text().contains(why), "{why}");
    }
    let password = [("password", "four unrelated plain words")];
    let made = app.post_form(&link, &password).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert!(made.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
    let again = app.post_form(&link, &password).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    check(&again);
    assert!(again.text().contains("This link cannot be used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_mail() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "acme-web", "").await;
    assert!(answer.text().contains("Forgot your password?"));
    let page = page.replace(route::SIGN_IN, route::FORGOT_PASSWORD);
    check(&app.get(&page).await);
    let bad = app.post_form(&page, &[("email", "nobody")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.text().contains("value=\"nobody\"") && bad.text().contains("Enter an email address"));
    for email in ["user@example.com", "nobody@example.com"] {
        let asked = app.post_form(&page, &[("email", email)]).await;
        assert_eq!(asked.status, StatusCode::OK);
        check(&asked);
        assert!(asked.text().contains("Check your mail") && asked.text().contains(email));
    }
    let link = mail_link(&app, "user@example.com").await;
    let form = app.get(&link).await;
    check(&form);
    assert!(form.text().contains("value=\"user@example.com\"") && form.text().contains("Acme"));
    let long = "four unrelated plain words ".repeat(10);
    for wrong in ["short", &long[..257]] {
        let refused = app.post_form(&link, &[("password", wrong)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text().contains("Use 8 to 256 characters."), "nothing is cut off");
    }
    let done = app.post_form(&link, &[("password", "four unrelated plain words")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(done.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
    assert_eq!(app.get(&link).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_mail_learns_nothing_of_the_address() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    for ask in [route::FORGOT_PASSWORD, route::EMAIL_SIGN_IN] {
        let page = page.replace(route::SIGN_IN, ask);
        let mut told = Vec::new();
        for email in ["user@example.com", "nobody@example.com"] {
            let asked = app.post_form(&page, &[("email", email)]).await;
            assert!(asked.text().contains(email), "{ask}");
            let headers: Vec<_> = asked.headers.keys().map(ToString::to_string).collect();
            told.push((asked.status, headers, asked.plain(email)));
        }
        assert_eq!(told[0], told[1], "{ask}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_is_told_how_long_to_wait() {
    for ask in [route::FORGOT_PASSWORD, route::EMAIL_SIGN_IN, route::REGISTER] {
        let app = pages_shop::open().await;
        let page = arrive(&app, "acme-web", "").await.0.replace(route::SIGN_IN, ask);
        let mut limited = None;
        for _ in 0..10 {
            let sent = app.post_form(&page, &[("email", "somebody@example.com")]).await;
            if sent.status == StatusCode::TOO_MANY_REQUESTS {
                limited = Some(sent);
                break;
            }
            assert_eq!(sent.status, StatusCode::OK, "{ask}");
        }
        let limited = limited.unwrap_or_else(|| panic!("no limit at {ask}"));
        check(&limited);
        let seconds: u64 = limited.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!(seconds > 0, "{ask}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_registration_there_is_none() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "closed-web", "").await;
    assert!(!answer.text().contains(route::REGISTER));
    let page = page.replace(route::SIGN_IN, route::REGISTER);
    let form = [("email", "ann@example.com"), ("password", "four unrelated plain words")];
    for answer in [app.get(&page).await, app.post_form(&page, &form).await, app.get(route::REGISTER).await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        check(&answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_link_makes_one_superadmin() {
    let app = TestApp::start().await;
    let link = app.services.setup().link().await.unwrap().expect("a link");
    let path = link.strip_prefix(&app.services.settings.issuer).unwrap().to_owned();
    let token = path.split("token=").nth(1).unwrap().to_owned();
    check(&app.get(&path).await);
    let form = [("token", token.as_str()), ("email", "root@example.com"), ("password", "four unrelated plain words")];
    let short = app.post_form(route::SETUP, &[form[0], form[1], ("password", "short")]).await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    check(&short);
    assert!(short.text().contains("value=\"root@example.com\""));
    let wrong = app.post_form(route::SETUP, &[("token", "x"), form[1], form[2]]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let made = app.post_form(route::SETUP, &form).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, Some(route::DASHBOARD)));
    let user = app.user("root@example.com").await;
    assert_eq!(user.role, GlobalRole::Superadmin);
    for again in [app.get(&path).await, app.post_form(route::SETUP, &form).await] {
        assert_eq!(again.status, StatusCode::FORBIDDEN);
        check(&again);
        assert!(again.text().contains("This setup link cannot be used"));
    }
}
