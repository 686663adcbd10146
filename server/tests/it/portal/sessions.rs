//! The way in: a token that becomes a cookie once, and the way back.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::route::{AccountPage, ReturnTo};
use serde_json::{Value, json};
use service::Ctx;

use super::{ask, open, session};
use crate::{
    pages_shop::{check, check_look},
    support::TestApp,
};

const PORTAL: &str = "turnpike_portal";

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_answered_alike_while_it_lives() {
    let app = open().await;
    let id = app.user("user@example.com").await.id;
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
        ("other-server", json!({ "end_user_id": app.user("second@example.com").await.id }), "USR_001"),
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
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "on http");
    let page = app.get("/portal").await;
    check_look(&page);
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

/// Who was put out, or has a new password, begins anew; so does the next person at a shared computer.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_ends_with_what_ends_sessions() {
    let app = open().await;
    let (operator, acme) = (Ctx::operator(), app.application("acme"));
    let user = app.user("user@example.com").await;
    let enter = async |browser: &TestApp| {
        let link = session(&app, "acme-server", "user@example.com").await;
        assert_eq!(browser.get(&link).await.location(), Some("/portal"));
        assert_eq!(browser.get("/portal").await.status, StatusCode::OK);
    };
    let waiting = session(&app, "acme-server", "user@example.com").await;
    let (revoked, disabled) = (app.browser(), app.browser());
    enter(&revoked).await;
    app.services.memberships().revoke(&operator, acme, user.id).await.unwrap();
    app.services.memberships().grant(&operator, acme, user.id, None).await.unwrap();
    assert_eq!(revoked.get("/portal").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.browser().get(&waiting).await.status, StatusCode::GONE, "nor does a link of before lead there");
    enter(&disabled).await;
    app.services.admin_users().disable(&operator, user.id).await.unwrap();
    app.services.admin_users().enable(&operator, user.id).await.unwrap();
    assert_eq!(disabled.get("/portal").await.status, StatusCode::UNAUTHORIZED);
    let shared = app.browser();
    shared.sign_in(&user).await;
    enter(&shared).await;
    let kept = app.browser();
    kept.set_cookie(PORTAL, &shared.cookie(PORTAL).unwrap());
    assert_eq!(kept.get("/portal").await.status, StatusCode::OK, "a copy of the cookie");
    assert_eq!(shared.post_form("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(shared.get("/portal").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(kept.get("/portal").await.status, StatusCode::UNAUTHORIZED, "nor by the copy");
    // Ended from another browser.
    let (here, there) = (app.browser(), app.browser());
    here.sign_in(&user).await;
    there.sign_in(&user).await;
    enter(&there).await;
    let sessions = here.get("/api/user/sessions").await.json();
    let other = sessions["sessions"].as_array().unwrap().iter().find(|own| own["isCurrent"] == false).unwrap();
    let end = format!("/api/user/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(here.request(Method::DELETE, &end).send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(there.get("/portal").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_next_finds_no_visit_of_another() {
    let app = open().await;
    let (page, fields) = (ReturnTo::Account(AccountPage::Profile).sign_in(), |email| {
        [("email", email), ("password", "correct horse battery staple")]
    });
    for (email, status) in [("user@example.com", StatusCode::OK), ("second@example.com", StatusCode::UNAUTHORIZED)] {
        let browser = app.browser();
        assert_eq!(
            browser.get(&session(&app, "acme-server", "user@example.com").await).await.location(),
            Some("/portal")
        );
        let kept = browser.cookie(PORTAL).unwrap();
        assert_eq!(browser.post_form(&page, &fields(email)).await.location(), Some("/account"), "{email}");
        assert_eq!(browser.get("/portal").await.status, status, "{email}");
        browser.set_cookie(PORTAL, &kept);
        assert_eq!(browser.get("/portal").await.status, status, "{email}, by a copy");
    }
}
