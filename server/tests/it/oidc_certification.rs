//! What the OpenID certification plans exercise and no other test does, and the map of them all:
//! `docs/certification.md`.

use std::path::Path;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::acme::{
    self, CALLBACK, SECRET, VERIFIER, authorize, claims, introspect, redeem, refresh, signed_in, tokens, userinfo,
};

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_nonce_gets_an_id_token_without_one() {
    let app = signed_in().await;
    let with = tokens(&app, &[("nonce", "n-2")]).await;
    assert_eq!(claims(&with["id_token"])["nonce"], "n-2");
    let without = tokens(&app, &[("nonce", "")]).await;
    let said = claims(&without["id_token"]);
    assert_eq!((said.get("nonce"), &said["aud"]), (None, &json!("web")));
    assert_eq!(userinfo(&app, text(&without["access_token"])).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_scopes_means_nothing() {
    let app = signed_in().await;
    let usual = tokens(&app, &[]).await;
    let expected = userinfo(&app, text(&usual["access_token"])).await.json();
    for scope in ["offline_access email profile openid", "email openid offline_access profile"] {
        let other = tokens(&app, &[("scope", scope)]).await;
        assert_eq!(other["scope"], usual["scope"], "{scope}");
        assert_eq!(claims(&other["id_token"])["email"], "user@example.com", "{scope}");
        assert_eq!(userinfo(&app, text(&other["access_token"])).await.json(), expected, "{scope}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_scopes_of_the_standard_at_once_bring_all_their_claims() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[("scope", "openid profile email address phone")]).await;
    assert_eq!(tokens["scope"], "openid profile email address phone");
    let said = userinfo(&app, text(&tokens["access_token"])).await.json();
    for claim in ["sub", "name", "given_name", "family_name", "birthdate", "zoneinfo", "updated_at", "email"] {
        assert!(!said[claim].is_null(), "{claim}: {said}");
    }
    assert_eq!(said["email_verified"], true);
    assert_eq!((&said["phone_number"], &said["phone_number_verified"]), (&json!("+6281234567890"), &json!(false)));
    assert_eq!(said["address"]["locality"], "Bandung");
}

/// After half a minute as after a second; and after the code's own life, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_again_later_takes_back_what_it_gave() {
    let app = signed_in().await;
    for seconds in [30, 59, 60, 600] {
        let code = acme::code(&app, &[]).await;
        let tokens = redeem(&app, "web", &code).await.json();
        app.clock.advance(TimeDelta::seconds(seconds));
        let access = text(&tokens["access_token"]);
        assert_eq!(introspect(&app, "web", access).await["active"], true, "{seconds} s");
        let again = redeem(&app, "web", &code).await;
        assert_eq!((again.status, &again.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
        assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED, "{seconds} s");
        assert_eq!(introspect(&app, "web", access).await["active"], false, "{seconds} s");
        let next = refresh(&app, "web", text(&tokens["refresh_token"])).await;
        assert_eq!(next.json()["error"], "invalid_grant", "{seconds} s");
    }
}

/// Who is signed in already is the same user with the same sign-in, whatever asked for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_later_answer_tells_of_the_same_sign_in() {
    let app = signed_in().await;
    let first = tokens(&app, &[]).await;
    let hint = text(&first["id_token"]);
    let expected = claims(&first["id_token"]);
    assert!(expected["auth_time"].is_i64());
    for changes in [
        vec![("prompt", "none")],
        vec![("max_age", "10000")],
        vec![("prompt", "none"), ("max_age", "10000")],
        vec![("prompt", "none"), ("id_token_hint", hint)],
    ] {
        app.clock.advance(TimeDelta::seconds(100));
        let said = claims(&tokens(&app, &changes).await["id_token"]);
        for claim in ["sub", "auth_time", "sid"] {
            assert_eq!(said[claim], expected[claim], "{claim}: {changes:?}");
        }
        assert_ne!(said["iat"], expected["iat"], "{changes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_and_unknown_parameters_change_nothing_in_the_answer() {
    let app = signed_in().await;
    let expected = tokens(&app, &[]).await["scope"].clone();
    for change in [
        ("display", "page"),
        ("display", "popup"),
        ("display", "touch"),
        ("ui_locales", "se"),
        ("ui_locales", "id en"),
        ("claims_locales", "se"),
        ("claims_locales", "en id"),
        ("login_hint", "user@example.com"),
        ("login_hint", "other@example.com"),
        ("acr_values", "1 2"),
        ("acr_values", "urn:turnpike:acr:single-factor"),
        ("extra", "foobar"),
    ] {
        let answer = authorize(&app, &[change]).await;
        assert!(answer.location().unwrap().starts_with(CALLBACK), "{change:?}: {:?}", answer.location());
        assert_eq!(answer.location_param("state").as_deref(), Some("s t&"), "{change:?}");
        let code = answer.location_param("code").unwrap_or_else(|| panic!("{change:?}: {:?}", answer.location()));
        let tokens = redeem(&app, "web", &code).await.json();
        assert_eq!(tokens["scope"], expected, "{change:?}");
        let said = claims(&tokens["id_token"]);
        assert_eq!((&said["nonce"], &said["email"]), (&json!("n-1"), &json!("user@example.com")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_s_code_and_error_are_as_good_as_the_query_s() {
    let app = signed_in().await;
    let form = ("response_mode", "form_post");
    let page = authorize(&app, &[form]).await;
    assert_eq!((page.status, page.location()), (StatusCode::OK, None));
    assert_eq!(page.hidden("iss"), "http://127.0.0.1:8080");
    let tokens = redeem(&app, "web", &page.hidden("code")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    assert_eq!(claims(&tokens.json()["id_token"])["nonce"], "n-1");
    let silent = authorize(&app.browser(), &[form, ("prompt", "none")]).await;
    assert_eq!((silent.location(), silent.hidden("error").as_str()), (None, "login_required"));
    assert_eq!(silent.hidden("state"), "s t&amp;");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_with_the_secret_in_the_form() {
    let app = signed_in().await;
    let code = acme::code(&app, &[]).await;
    let with = async |secret: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("client_id", "web"),
            ("client_secret", secret),
        ];
        app.post_form("/oauth2/token", &fields).await
    };
    let wrong = with("wrong").await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
    let tokens = with(SECRET).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    assert_eq!(claims(&tokens.json()["id_token"])["aud"], "web");
}

/// Every row of the map names tests, as `file::function`, and each of them is one.
#[test]
fn the_map_of_the_plans_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let map = std::fs::read_to_string(root.join("../docs/certification.md")).unwrap();
    let rows: Vec<_> = map.lines().filter(|line| line.starts_with("| `oidcc-")).collect();
    let plans = map.lines().filter(|line| line.starts_with("## ") && line.ends_with(" OP"));
    assert_eq!(plans.count(), 5, "a table for each plan");
    assert!(rows.len() > 50, "{} rows", rows.len());
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, _, tests] = cells[..] else { panic!("three cells: {row}") };
        let named: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for name in named {
            let (file, function) = name.rsplit_once("::").unwrap_or_else(|| panic!("file::function: {name}"));
            let path = root.join("tests/it").join(file.replace("::", "/")).with_extension("rs");
            let source = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {}: {e}", path.display()));
            let test = format!("#[tokio::test(flavor = \"multi_thread\")]\nasync fn {function}() {{");
            assert!(source.contains(&test), "no such test: {name}");
        }
    }
}
