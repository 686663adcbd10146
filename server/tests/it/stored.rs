//! What is taken can be read again: what one application sends stops no other.

use axum::http::Method;
use serde_json::{Value, json};

use crate::rest::{Rest, refused};

/// Another application's admin changes something, and a server starts: both read every application.
async fn others_go_on(rest: &Rest, after: &str) {
    let patch = json!({ "description": format!("after {after}") });
    let answer = rest.admin(Method::PATCH, &rest.other.base(), Some(&patch)).await;
    assert_eq!(answer.status, 200, "after {after}: {}", answer.text());
    let started = rest.app.test.another_node().await;
    let directory = started.directory();
    assert!(["acme", "other"].iter().all(|slug| directory.by_slug(slug).is_some()), "after {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_grow_or_change_as_they_are_kept_are_refused() {
    let rest = Rest::start().await;
    let long = format!("https://a.example/{}", "é".repeat(1000));
    let user = format!("/api/admin/users/{}", rest.acme.user);
    let bodies = [
        ("url", rest.acme.base(), json!({ "url": long })),
        ("icon", rest.acme.base(), json!({ "icon": long })),
        ("themeConfig", rest.acme.base(), json!({ "themeConfig": { "logo_url": long } })),
        ("themeConfig", rest.acme.base(), json!({ "themeConfig": { "privacy_url": long } })),
        ("returnUrls", rest.acme.base(), json!({ "returnUrls": [long] })),
        ("returnUrls", rest.acme.base(), json!({ "returnUrls": ["https://a.example/%\t2f"] })),
        ("returnUrls", rest.acme.base(), json!({ "returnUrls": ["https://a.example/ret/..%\n5cx"] })),
        ("returnUrls", rest.acme.base(), json!({ "returnUrls": ["https:a.example/ret"] })),
        ("profile", user.clone(), json!({ "profile": { "website": long } })),
    ];
    for (field, path, body) in bodies {
        refused(&rest.admin(Method::PATCH, &path, Some(&body)).await, 400, "APP_001");
        others_go_on(&rest, field).await;
    }
    assert_eq!(rest.read(&user).await["user"]["id"], json!(rest.acme.user));
}

/// The numbers are of the kind that JSON reads as their neighbours where it reads in a hurry.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_kept_as_they_were_sent() {
    let rest = Rest::start().await;
    let numbers = vec!["470e-272"; 300].join(",");
    let features: Value = serde_json::from_str(&format!(r#"{{"x":[{numbers}]}}"#)).unwrap();
    let pro = format!("{}/plans/{}", rest.acme.base(), rest.acme.pro);
    let text = format!(r#"{{"features":{{"x":[{numbers}]}}}}"#);
    for (method, path) in [(Method::PATCH, "/api/platform/plans/pro"), (Method::POST, "/api/platform/plans")] {
        let text = match method {
            Method::POST => text.replacen('{', r#"{"plan_key":"new","display_name":"New","#, 1),
            _ => text.clone(),
        };
        let request = rest.app.request(method, path).basic(&rest.acme.client_id, &rest.acme.client_secret);
        let answer = request.text_body(text, "application/json").send().await;
        assert!(answer.status.is_success(), "{}", answer.text());
        others_go_on(&rest, path).await;
    }
    assert_eq!(rest.read(&pro).await["plan"]["features"], features);
    let many = json!({ "features": { "x": vec![4.7e-270; 371] } });
    refused(&rest.platform(&rest.acme, Method::PATCH, "/api/platform/plans/pro", Some(&many)).await, 400, "APP_001");
    others_go_on(&rest, "too many").await;
}
