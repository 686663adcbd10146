//! Signing in and out.

use axum::http::{Method, StatusCode};
use domain::route;

use super::mail_link;
use crate::{
    pages_factor::between,
    pages_shop::{self, PASSWORD, arrive, check},
};

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_and_goes_on_without_javascript() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "acme-web", "&login_hint=user%40example.com").await;
    assert_eq!(answer.status, StatusCode::OK);
    check(&answer);
    let html = answer.text();
    for part in [
        "Sign in to Acme",
        "value=\"user@example.com\"",
        "autocomplete=\"username webauthn\"",
        "autocomplete=\"current-password\"",
        "--brand:#0f766e;",
        "--radius:12px;",
        "https://acme.example/terms",
        "method=\"post\"",
        route::REGISTER,
    ] {
        assert!(html.contains(part), "{part}");
    }
    for part in ["wasm\"", "turnpike.js", "leptos-island"] {
        assert!(!html.contains(part), "{part}");
    }
    assert!(html.len() < 16 * 1024, "{} bytes", html.len());
    let sent = app.post_form(&page, &[("email", "User@Example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(sent.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", sent.location());
    assert!(app.cookie("turnpike_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_unknown_are_told_alike_and_the_address_is_kept() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let mut told = Vec::new();
    for email in ["user@example.com", "nobody@example.com"] {
        let sent = app.post_form(&page, &[("email", email), ("password", "not the password")]).await;
        assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
        check(&sent);
        let html = sent.text().replace(email, "EMAIL");
        assert!(html.contains("value=\"EMAIL\"") && !html.contains("not the password"));
        assert!(html.contains("role=\"alert\"") && html.contains("The email or the password is not right"));
        let nonce = html.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        told.push(html.replace(&nonce, "NONCE"));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(app.cookie("turnpike_session"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_stand_beside_their_fields() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let sent = app.post_form(&page, &[("email", "\"><script>alert(1)</script>"), ("password", "")]).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST);
    check(&sent);
    let html = sent.text();
    assert!(html.contains("id=\"email-error\"") && html.contains("id=\"password-error\""));
    assert!(html.contains("aria-describedby=\"email-error\"") && html.contains("aria-invalid=\"true\""));
    assert!(html.contains("href=\"#email\""));
    assert!(!html.contains("<script>alert"));
    let sent = app.request(Method::POST, &page).text_body("a=%ff".into(), "application/x-www-form-urlencoded");
    assert_eq!(sent.send().await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn says_how_long_to_wait() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let mut limited = None;
    for _ in 0..40 {
        let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", "not the password")]).await;
        if sent.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(sent);
            break;
        }
        assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
    }
    let limited = limited.expect("a limit");
    check(&limited);
    let seconds: u64 = limited.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!(seconds > 0);
    assert!(limited.text().contains("Too many attempts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_by_a_link_in_a_mail() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=id").await;
    let page = page.replace(route::SIGN_IN, route::EMAIL_SIGN_IN);
    assert!(app.get(&page).await.text().contains("Masuk lewat email"));
    app.post_form(&page, &[("email", "user@example.com")]).await;
    let link = mail_link(&app, "user@example.com").await;
    let shown = app.get(&link).await;
    check(&shown);
    assert!(shown.text().contains("user@example.com"));
    let done = app.post_form(&link, &[]).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
}

/// What lies about in a mailbox is of no use once its owner is in.
#[tokio::test(flavor = "multi_thread")]
async fn of_several_links_one_signs_in() {
    let app = pages_shop::open().await;
    let mut links = Vec::new();
    for _ in 0..2 {
        app.post_form(route::EMAIL_SIGN_IN, &[("email", "user@example.com")]).await;
        links.push(mail_link(&app, "user@example.com").await);
    }
    assert_ne!(links[0], links[1]);
    assert_eq!(app.browser().post_form(&links[1], &[]).await.status, StatusCode::SEE_OTHER);
    let late = app.browser();
    assert_eq!(late.post_form(&links[0], &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(late.cookie("turnpike_session"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_access_a_page_says_so() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "closed-web", "").await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let refused = app.get(sent.location().unwrap()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    check(&refused);
    assert!(refused.text().contains("No access to Closed") && refused.text().contains("user@example.com"));
    // The client waits for an answer, and gets one.
    assert!(refused.text().contains("Back to Closed"));
    let action = between(refused.text(), "<form method=\"post\" action=\"/consent?", "\"");
    let decision = refused.hidden("decision");
    let back = app.post_form(&format!("/consent?{action}"), &[("decision", &decision)]).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
    assert!(back.location().unwrap().starts_with("http://127.0.0.1:9300/callback?"), "{:?}", back.location());
    let issuer = &app.services.settings.issuer;
    for (name, value) in [("error", "access_denied"), ("state", "s"), ("iss", issuer.as_str())] {
        assert_eq!(back.location_param(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asks_for_consent() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-other", "").await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let consent = app.get(sent.location().unwrap()).await.location().expect("consent").to_owned();
    assert!(consent.starts_with(route::CONSENT), "{consent}");
    let answer = app.get(&consent).await;
    check(&answer);
    assert!(answer.text().contains("Other &lt;b&gt;&amp; Co&lt;/b&gt;") && !answer.text().contains("<b>&"));
    assert_eq!(app.post_form(&consent, &[]).await.status, StatusCode::BAD_REQUEST);
    let refused = app.post_form(&consent, &[("decision", "deny")]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert_eq!(refused.location_param("error").as_deref(), Some("access_denied"));
    let allowed = app.post_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(allowed.status, StatusCode::SEE_OTHER);
    assert!(allowed.location().unwrap().starts_with(route::PLANS), "{:?}", allowed.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_out_after_asking() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let question = app.get(route::SIGN_OUT).await;
    check(&question);
    assert!(question.text().contains("Sign out?") && question.text().contains("user@example.com"));
    // Whoever runs nothing here has no dashboard to go back to.
    assert!(question.text().contains("href=\"/account\"") && !question.text().contains(route::DASHBOARD));
    assert_eq!(app.get(route::SIGN_IN).await.location(), Some(route::ACCOUNT));
    assert!(app.cookie("turnpike_session").is_some());
    let done = app.post_form(route::SIGN_OUT, &[]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, Some(route::SIGN_OUT)));
    assert_eq!(app.cookie("turnpike_session"), None);
    let said = app.get(route::SIGN_OUT).await;
    check(&said);
    assert!(said.text().contains("You are signed out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_bent_flows_say_start_again() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let bent = format!("{page}A");
    app.clock.advance(chrono::TimeDelta::minutes(31));
    for path in [page.clone(), bent, page.replace(route::SIGN_IN, route::PLANS), "/plans".into(), "/consent".into()] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        check(&answer);
        assert!(answer.text().contains("This sign\u{2011}in has expired"));
    }
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST);
    let again = sent.text();
    assert!(again.contains("href=\"https://acme.example/\"") && again.contains("Start again"), "{again}");
}
