//! The meter beside new passwords, and what it asks.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::route;

use crate::{
    pages_auth::mail_link,
    pages_shop::{self, arrive, check},
    support::{Answer, TestApp},
};

async fn ask(app: &TestApp, fields: &[(&str, &str)]) -> Answer {
    app.request(Method::POST, route::PASSWORD_STRENGTH).form(fields).send().await
}

/// The page has one meter, for this field.
fn has_meter(page: &Answer, field: &str) {
    check(page);
    let html = page.text();
    assert_eq!(html.matches("<meter").count(), 1, "{html}");
    let frame = html.split("<div").find_map(|div| div.split('>').next().filter(|tag| tag.contains("data-words=")));
    let frame = frame.expect("the meter's frame");
    assert!(frame.contains(" hidden"), "without a script it is not there: {frame}");
    let of = format!("data-of=\"{field}\"");
    for part in [of.as_str(), "data-at=\"/password-strength\"", "data-words=\"|Too easy to guess|Fair|Good|Strong\""] {
        assert!(frame.contains(part), "{part}: {frame}");
    }
    assert!(html.contains("aria-live=\"polite\"") && html.contains("name=\"email\""));
}

fn names(page: &Answer, name: &str) -> bool {
    page.text().contains(&format!("name=\"name\" value=\"{name}\""))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meter_says_what_the_form_will_say() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let whose = [("name", "Rina Wati"), ("email", "rina@toko.example")];
    app.post_form(&page.replace(route::SIGN_IN, route::REGISTER), &whose).await;
    let link = mail_link(&app, "rina@toko.example").await;
    let shown = app.get(&link).await;
    has_meter(&shown, "password");
    assert!(names(&shown, "Rina Wati"));
    // Who asks is nobody, and stays nobody.
    let nobody = app.browser();
    for (typed, score) in [
        ("", 1),
        ("kq7!vwx", 1),
        ("password1", 1),
        ("Admin@123", 1),
        ("RinaWati88!", 1),
        ("toko2026!", 1),
        ("horse staple", 3),
        ("four unrelated plain words", 4),
        ("kqzvwxtr", 2),
    ] {
        let said = ask(&nobody, &[("password", typed), whose[0], whose[1]]).await;
        assert_eq!((said.status, said.json()["score"].as_u64()), (StatusCode::OK, Some(score)), "{typed}");
        assert_eq!((said.header("cache-control"), said.header("set-cookie")), (Some("no-store"), None));
        if score == 1 {
            let refused = app.post_form(&link, &[("password", typed)]).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
            has_meter(&refused, "password");
        }
    }
    let named = ask(&nobody, &[("password", "RinaWati88!")]).await;
    assert!(named.json()["score"].as_u64() > Some(1), "to whoever does not know the name");
    assert_eq!(app.post_form(&link, &[("password", "kqzvwxtr")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_new_password_has_a_meter_and_no_other() {
    let app = pages_shop::open().await;
    let setup = app.services.setup().link().await.unwrap().expect("a link");
    let setup = app.get(setup.strip_prefix(&app.services.settings.issuer).unwrap()).await;
    has_meter(&setup, "password");
    let (page, sign_in) = arrive(&app, "acme-web", "").await;
    assert!(!sign_in.text().contains("<meter"));
    app.post_form(&page.replace(route::SIGN_IN, route::FORGOT_PASSWORD), &[("email", "user@example.com")]).await;
    let reset = app.get(&mail_link(&app, "user@example.com").await).await;
    has_meter(&reset, "password");
    app.sign_in(&app.user("user@example.com").await).await;
    let own = app.get("/account/password").await;
    has_meter(&own, "new_password");
    assert!(names(&reset, "Example user") && names(&own, "Example user"));
    assert!(!app.get("/account/data").await.text().contains("<meter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_asks_so_often_and_no_more() {
    let app = TestApp::start().await;
    for _ in 0..120 {
        assert_eq!(ask(&app, &[("password", "password1")]).await.status, StatusCode::OK);
    }
    let limited = ask(&app, &[("password", "password1")]).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((limited.header("retry-after"), limited.header("cache-control")), (Some("1"), Some("no-store")));
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(ask(&app, &[("password", "password1")]).await.status, StatusCode::OK);
}
