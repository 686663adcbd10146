//! Passkeys on the pages: what a browser is handed, and what it sends back.

use axum::http::StatusCode;
use domain::route;
use service::{
    Settings,
    testing::{TestServices, passkey::SoftPasskey},
};

use crate::{
    pages_factor::{between, recovery_of},
    pages_shop::{self, PASSWORD, check},
    support::{Answer, TestApp},
};

const ORIGIN: &str = "http://localhost:8080";

/// The form for a passkey on a page: the options for the browser, and the challenge that comes back.
struct Form {
    options: String,
    challenge: String,
}

fn form_of(page: &Answer) -> Form {
    check(page);
    let form = between(page.text(), "data-options=\"", "</form>");
    let options = form.split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&");
    Form { options, challenge: between(form, "name=\"challenge\" value=\"", "\"").to_owned() }
}

/// A shop whose `user@example.com` is signed in and has a passkey.
async fn shop() -> (TestApp, SoftPasskey) {
    let app = pages_shop::stock(TestApp::of(TestServices::start_with(Settings::new(ORIGIN)).await)).await;
    app.sign_in(&app.user("user@example.com").await).await;
    let before = app.cookie("turnpike_session");
    let Form { options, challenge } = form_of(&app.get(route::SECURITY).await);
    let (passkey, answer) = SoftPasskey::make(&options, ORIGIN);
    let fields = [("act", "add_passkey"), ("challenge", challenge.as_str()), ("answer", answer.as_str())];
    let codes = app.post_form(route::SECURITY, &fields).await;
    check(&codes);
    assert_eq!(recovery_of(&codes).len(), 10);
    assert_ne!(app.cookie("turnpike_session"), before, "a new token with the new rights");
    let again = app.post_form(route::SECURITY, &fields).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    check(&again);
    assert!(again.text().contains("This passkey was not accepted"));
    (app, passkey)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_from_the_sign_in_page() {
    let (app, mut passkey) = shop().await;
    let browser = app.browser();
    let (page, post) = ("/sign-in?to=profile", "/sign-in/passkey?to=profile");
    assert_eq!(browser.get(post).await.location(), Some(page));
    let shown = browser.get(page).await;
    assert!(shown.text().contains("autocomplete=\"username webauthn\"") && shown.text().contains("data-autofill"));
    assert!(shown.text().contains(&format!("action=\"{post}\"")));
    let Form { options, challenge } = form_of(&shown);
    let answer = passkey.show(&options);
    let fields = [("challenge", challenge.as_str()), ("answer", answer.as_str())];
    let entered = browser.post_form(post, &fields).await;
    assert_eq!(entered.location(), Some("/account"));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let replayed = app.browser().post_form(post, &fields).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    check(&replayed);
    assert!(replayed.text().contains("This passkey was not accepted") && replayed.text().contains("name=\"password\""));
    assert!(
        replayed.text().contains("data-options") && !replayed.text().contains("data-autofill"),
        "by the button alone"
    );
    assert_eq!(replayed.header("set-cookie").filter(|cookie| cookie.contains("session")), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_stands_beside_the_password() {
    let (app, mut passkey) = shop().await;
    let browser = app.browser();
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    let sent = browser.post_form("/sign-in?to=profile", &form).await;
    assert_eq!(sent.location(), Some("/sign-in/factor?to=profile"));
    let factor = "/sign-in/factor?to=profile";
    let asked = browser.get(factor).await;
    assert!(!asked.text().contains("name=\"code\"") && asked.text().contains("with=recovery"));
    let Form { options, challenge } = form_of(&asked);
    let wrong = browser.post_form(factor, &[("challenge", &challenge), ("answer", "{}")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    check(&wrong);
    let empty = browser.post_form(factor, &[("challenge", &challenge)]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    let recovery = browser.get("/sign-in/factor?to=profile&with=recovery").await;
    check(&recovery);
    assert!(recovery.text().contains("name=\"code\"") && !recovery.text().contains("data-options"));
    let answer = passkey.show(&options);
    let entered = browser.post_form(factor, &[("challenge", &challenge), ("answer", &answer)]).await;
    assert_eq!(entered.location(), Some("/account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_named_and_taken_away() {
    let (app, _) = shop().await;
    let listed = app.get(route::SECURITY).await;
    check(&listed);
    let id = between(listed.text(), "name=\"passkey\" value=\"", "\"").to_owned();
    let act = async |act: &str, name: &str| {
        app.post_form(route::SECURITY, &[("act", act), ("passkey", &id), ("name", name)]).await
    };
    let named = act("rename_passkey", "Key ring").await;
    assert_eq!(named.location(), Some(route::SECURITY));
    assert!(app.get(route::SECURITY).await.text().contains("value=\"Key ring\""));
    let nameless = act("rename_passkey", "").await;
    assert_eq!(nameless.status, StatusCode::BAD_REQUEST);
    check(&nameless);
    assert_eq!(act("remove_passkey", "").await.location(), Some(route::SECURITY));
    let left = app.get(route::SECURITY).await;
    assert!(!left.text().contains("Key ring") && left.text().contains("data-options"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_name_shows_no_passkeys() {
    let app = pages_shop::open().await;
    assert!(!app.get(route::SIGN_IN).await.text().contains("data-options"));
    app.sign_in(&app.user("user@example.com").await).await;
    let page = app.get(route::SECURITY).await;
    check(&page);
    assert!(!page.text().contains("data-options"));
}
