//! What people link and admins set up.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::id::SignInMethodId;
use serde_json::json;
use service::testing::{
    TestServices,
    people::mailed_token,
    provider::{CLIENT_ID, CLIENT_SECRET, Provider},
};

use super::{back, open, through, user};
use crate::{
    admin_pages::{self, Office},
    pages_shop::{PASSWORD, arrive, authorize, check},
    support::Answer,
};

/// What every page of the dashboard has.
#[track_caller]
fn dashed(page: &Answer) {
    let html = page.text();
    assert_eq!((html.matches("<h1").count(), html.matches("<main").count()), (1, 1), "{html}");
    assert!(!html.contains(" style="), "a style attribute");
    assert!(html.contains("href=\"/dashboard/acme/sign-in-methods\""), "the section");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_links_and_unlinks_ones_accounts() {
    let (app, provider) = open().await;
    let page = "/account/identities";
    assert_eq!(app.get(page).await.location(), Some("/sign-in?to=identities"));
    let (sign_in, _) = arrive(&app, "acme-web", "").await;
    app.post_form(&sign_in, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    app.follow(&authorize("acme-web", "")).await;
    let shown = app.get(page).await;
    check(&shown);
    assert!(shown.text().contains("No other account signs you in here") && shown.text().contains("Link Corp"));
    // Of an address of its own: nothing has to match.
    provider.be(json!({ "sub": "77", "email": "private@example.com", "email_verified": true }));
    let sent = app.post_form(page, &[("application", "acme"), ("link", "corp")]).await;
    let returned = back(&app, &provider, sent.location().expect("the provider")).await;
    assert_eq!(returned.location(), Some(page), "{}", returned.text());
    let shown = app.get(page).await;
    check(&shown);
    assert!(shown.text().contains("private@example.com") && shown.text().contains("Unlink Corp"));
    assert!(!shown.text().contains("Link Corp<"), "linked already");
    assert_eq!(app.post_form(page, &[("application", "acme"), ("link", "corp")]).await.status, StatusCode::NOT_FOUND);
    // Somebody without a password keeps the last one.
    let other = app.browser();
    provider.be(json!({ "sub": "78", "email": "fresh@example.com", "email_verified": true }));
    let (sign_in, _) = arrive(&other, "acme-web", "").await;
    through(&other, &provider, &sign_in, "corp").await;
    let id = |html: &str| {
        let (_, rest) = html.split_once("name=\"unlink\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    };
    let own = id(other.get(page).await.text());
    let kept = other.post_form(page, &[("unlink", &own)]).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    check(&kept);
    assert!(kept.text().contains("Choose a password first"));
    // Nobody else's goes.
    let theirs = id(app.get(page).await.text());
    other.post_form(page, &[("unlink", &theirs)]).await;
    assert_eq!(id(app.get(page).await.text()), theirs);
    assert_eq!(app.post_form(page, &[("unlink", &theirs)]).await.location(), Some(page));
    assert!(!app.get(page).await.text().contains("Unlink Corp"));
    // A session that was left open asks for its owner first.
    app.clock.advance(TimeDelta::minutes(15));
    let asked = app.post_form(page, &[("application", "acme"), ("link", "corp")]).await;
    assert_eq!(asked.location(), Some("/sign-in?to=identities"));
    assert!(app.get("/sign-in?to=identities").await.text().contains("name=\"password\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_password_chooses_one_to_delete_the_account() {
    let (app, provider) = open().await;
    provider.be(json!({ "sub": "78", "email": "fresh@example.com", "email_verified": true }));
    let (sign_in, _) = arrive(&app, "acme-web", "").await;
    through(&app, &provider, &sign_in, "corp").await;
    let page = "/account/data";
    let shown = app.get(page).await;
    check(&shown);
    assert!(shown.text().contains("You sign in without a password") && !shown.text().contains("name=\"password\""));
    assert!(shown.text().contains("action=\"/forgot-password?to=data\""));
    for guess in ["", "no password at all"] {
        let refused = app.post_form(page, &[("password", guess)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{guess}");
        check(&refused);
    }
    let fresh = user(&app, "fresh@example.com").await.expect("an account still");
    let asked = app.post_form("/forgot-password?to=data", &[("email", "fresh@example.com")]).await;
    assert_eq!(asked.status, StatusCode::OK);
    let link = format!("/link/{}", mailed_token(&app.services, &fresh.email).await.expect("a link"));
    let chosen = app.post_form(&link, &[("password", "four unrelated plain words")]).await;
    assert_eq!(chosen.location(), Some(page));
    let gone = app.post_form(page, &[("password", "four unrelated plain words")]).await;
    assert_eq!(gone.status, StatusCode::OK);
    check(&gone);
    assert!(gone.text().contains("Your account is deleted") && app.cookie("turnpike_session").is_none());
    assert_eq!(user(&app, "fresh@example.com").await, None);
    // At the provider they are who they were, and here somebody new.
    let (sign_in, _) = arrive(&app, "acme-web", "").await;
    through(&app, &provider, &sign_in, "corp").await;
    assert_ne!(user(&app, "fresh@example.com").await.expect("a new account").id, fresh.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_sets_methods_up_and_tests_them() {
    let office = Office::open().await;
    let provider = Provider::start(TestServices::epoch().timestamp()).await;
    let empty = office.get("sign-in-methods").await;
    dashed(&empty);
    assert!(empty.text().contains("No other providers yet") && empty.text().contains("Add Google"));
    for kind in ["google", "github", "oidc"] {
        let form = office.get(&format!("sign-in-methods/new?kind={kind}")).await;
        dashed(&form);
        assert!(form.text().contains("http://127.0.0.1:8080/upstream/callback/acme/"), "{kind}");
    }
    assert_eq!(office.get("sign-in-methods/new?kind=facebook").await.status, StatusCode::NOT_FOUND);
    let url = provider.url();
    let fields = |secret: &'static str| {
        [("action", "save"), ("kind", "oidc"), ("name", "Corp"), ("client_id", CLIENT_ID), ("client_secret", secret)]
    };
    let wrong = [&fields("typed-wrongly")[..], &[("issuer", "http://login.example")]].concat();
    let wrong = office.post("sign-in-methods/new?kind=oidc", &wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    dashed(&wrong);
    assert!(wrong.text().contains("Issuer: must use https") && !wrong.text().contains("typed-wrongly"));
    assert!(wrong.text().contains("/upstream/callback/acme/corp"), "the redirect URI that the name makes");
    let issuer = [("issuer", url.as_str()), ("trust_email", "on")];
    let made = office.post("sign-in-methods/new?kind=oidc", &[&fields("wrong-secret")[..], &issuer].concat()).await;
    let page = made.location().expect("the method's page").split('?').next().unwrap().to_owned();
    let id: SignInMethodId = page.rsplit('/').next().unwrap().parse().unwrap();
    let page = format!("sign-in-methods/{id}");
    let shown = office.get(&page).await;
    dashed(&shown);
    assert!(shown.text().contains("Secret ends with") && !shown.text().contains("wrong-secret"));
    let refused = office.post(&page, &[("action", "test")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Client secret: is refused by the provider"), "{}", refused.text());
    let save = [&fields(CLIENT_SECRET)[..], &issuer].concat();
    assert!(office.post(&page, &save).await.location().unwrap().ends_with("done=saved"));
    assert!(office.post(&page, &[("action", "test")]).await.location().unwrap().ends_with("done=method_works"));
    let entry = |office: &Office| {
        let directory = office.app.services.directory();
        directory.by_slug("acme").unwrap().sign_in_methods[0].clone()
    };
    assert!(entry(&office).method.trust_email && entry(&office).secret.expose() == CLIENT_SECRET);
    office.post(&page, &[("action", "off")]).await;
    assert!(!entry(&office).method.enabled && entry(&office).method.trust_email);
    office.post(&page, &[("action", "on")]).await;
    // An admin of the application alone sees it, and does not make its word count for everybody.
    let admin = admin_pages::admin(&office.app, &office.created).await;
    office.app.sign_in(&admin).await;
    let another = [
        ("action", "save"),
        ("name", "Corp"),
        ("client_id", CLIENT_ID),
        ("issuer", "https://evil.example"),
        ("trust_email", "on"),
    ];
    assert_eq!(office.post(&page, &another).await.status, StatusCode::FORBIDDEN);
    assert_eq!(entry(&office).method.issuer.as_str(), url);
    let deleted = office.post(&page, &[("action", "delete"), ("confirm", "corp")]).await;
    assert_eq!(deleted.status, StatusCode::FORBIDDEN);
    let boss = office.app.user("boss@example.com").await;
    office.app.sign_in(&boss).await;
    let kept = office.post(&page, &[("action", "delete"), ("confirm", "wrong")]).await;
    assert_eq!(kept.status, StatusCode::BAD_REQUEST);
    for _ in 0..2 {
        let deleted = office.post(&page, &[("action", "delete"), ("confirm", "corp")]).await;
        assert!(deleted.location().unwrap().ends_with("done=deleted"));
    }
    assert_eq!(office.get(&page).await.status, StatusCode::NOT_FOUND);
}
