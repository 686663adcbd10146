//! Answers by a form that posts itself.

use axum::http::StatusCode;
use domain::oauth::{client::ClientPatch, redirect_uri::RedirectUri};
use service::{Ctx, crypto::base64url};

use crate::acme::{request, signed_in, url};

#[tokio::test(flavor = "multi_thread")]
async fn form_post_posts_itself_to_the_client() {
    let app = signed_in().await;
    let answer = app.get(&url("/oauth2/authorize", &request(&[("response_mode", "form_post")]))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let html = answer.text();
    assert!(html.contains(r#"<form method="post" action="https://app.example/callback">"#), "{html}");
    assert!(html.contains(r#"name="state" value="s t&amp;""#), "{html}");
    assert!(html.contains(r#"name="code" value="ac_"#));
    assert!(html.contains("<title>Back to Acme</title>") && html.contains(">Back to Acme</h1>"), "{html}");
    assert!(html.contains("<button") && !html.contains("<noscript>"), "its button is there for everybody");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("form-action"), "{policy}");
    assert!(policy.contains("style-src 'self'") && html.contains("/pkg/turnpike.css"), "{policy}");
    let error = app.get(&url("/oauth2/authorize", &request(&[("response_mode", "form_post"), ("scope", "x")]))).await;
    assert!(error.text().contains(r#"name="error" value="invalid_scope""#));
    for answer in [answer, error] {
        assert_eq!(answer.hidden("iss"), "http://127.0.0.1:8080");
        assert_eq!(answer.hidden("state"), "s t&amp;");
    }
}

/// Who sends a request object may say nowhere else how and with which state it wants its answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_object_is_answered_as_it_says() {
    let app = signed_in().await;
    let object = |claims: &str| format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(claims));
    let claims = r#"{"response_mode":"form_post","state":"inside","redirect_uri":"https://evil.example/"}"#;
    let sent = async |object: &str, state: &str| {
        app.get(&url("/oauth2/authorize", &request(&[("request", object), ("state", state)]))).await
    };
    let answer = sent(&object(claims), "").await;
    assert_eq!(answer.hidden("error"), "request_not_supported", "{}", answer.text());
    assert_eq!(answer.hidden("state"), "inside");
    assert!(
        answer.text().contains(r#"<form method="post" action="https://app.example/callback">"#),
        "{}",
        answer.text()
    );
    // What the query says goes first, and what is no object says nothing.
    assert_eq!(sent(&object(claims), "outside").await.hidden("state"), "outside");
    let large = object(&claims.replace("inside", &"x".repeat(4096)));
    for (object, error) in [
        ("e30.e30.", "request_not_supported"),
        ("e30.W10.", "request_not_supported"),
        ("e30.MQ.", "request_not_supported"),
        ("..", "request_not_supported"),
        ("x", "request_not_supported"),
        (&object(r#"{"state":"","response_mode":"fragment"}"#), "request_not_supported"),
        (&object(r#"{"state":1,"response_mode":"form_post"}"#), "request_not_supported"),
        (&large, "invalid_request"),
    ] {
        for state in ["outside", ""] {
            let answer = sent(object, state).await;
            assert_eq!(answer.location_param("error").as_deref(), Some(error), "{object}");
            let told = answer.location_param("state");
            assert_eq!(told.as_deref(), Some(state).filter(|state| !state.is_empty()), "{object}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_speaks_the_language_of_the_flow() {
    let app = signed_in().await;
    let post = |more: [(&'static str, &'static str); 2]| {
        url("/oauth2/authorize", &request(&[("response_mode", "form_post"), more[0], more[1]]))
    };
    for (more, lang, button) in [
        ([("ui_locales", "id"), ("nonce", "n")], "id", "Lanjutkan"),
        ([("ui_locales", "fr id"), ("scope", "x")], "id", "Lanjutkan"),
        ([("ui_locales", "en"), ("nonce", "n")], "en", "Continue"),
    ] {
        let html = app.get(&post(more)).await.text().to_owned();
        assert!(html.contains(&format!("<html lang=\"{lang}\"")), "{more:?}: {html}");
        assert!(html.contains(&format!(">{button}</button>")), "{more:?}: {html}");
        assert!(html.len() < 4_096 && !html.contains("wasm"), "{html}");
    }
    // What the visitor chose goes first.
    let chosen = app.get(&format!("{}&lang=en", post([("ui_locales", "id"), ("nonce", "n")]))).await;
    assert!(chosen.text().contains("<html lang=\"en\""), "{}", chosen.text());
}

/// Whoever may register an address could otherwise have our own page post, in the name of whoever looks at it.
#[tokio::test(flavor = "multi_thread")]
async fn no_form_posts_to_this_server() {
    let app = signed_in().await;
    let path = format!("/api/admin/users/{}/disable", uuid::Uuid::nil());
    let own = format!("http://127.0.0.1:8080{path}");
    let client = app.services.directory().client("web").unwrap().client.clone();
    let mut uris = client.settings.redirect_uris.clone();
    uris.0.push(RedirectUri::parse(&own).unwrap());
    let patch = ClientPatch { redirect_uris: Some(uris), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), client.application_id, client.id, patch).await.unwrap();
    let ask = async |more: &[(&'static str, &str)]| {
        let named: Vec<_> = more.iter().copied().chain([("redirect_uri", own.as_str())]).collect();
        app.get(&url("/oauth2/authorize", &request(&named))).await
    };
    // To be sent there by GET changes nothing, as no page of ours changes anything by it.
    for (more, told) in [(("nonce", "n"), "code"), (("scope", "x"), "error")] {
        let answer = ask(&[("response_mode", "form_post"), more]).await;
        assert!(answer.location().unwrap().starts_with(&own), "{more:?}: {}", answer.text());
        assert!(answer.location_param(told).is_some(), "{more:?}");
    }
}
