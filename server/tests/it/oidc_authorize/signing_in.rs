//! Who is asked to sign in, and who is let in.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::route;

use crate::{
    acme::{self, CALLBACK, authorize, signed_in, start, tokens},
    pages_factor::{set_up, shown, with_app},
};

#[tokio::test(flavor = "multi_thread")]
async fn sends_to_sign_in_and_goes_on_after_it() {
    let app = start().await;
    let answer = authorize(&app, &[]).await;
    let page = answer.location().unwrap();
    let flow = page.strip_prefix("/sign-in?flow=").expect("the sign-in page").to_owned();
    assert!(app.services.authorize().flow(&flow).unwrap().login_hint.is_none());

    app.sign_in(&app.user("user@example.com").await).await;
    let answer = app.get(&format!("/oauth2/resume?flow={flow}")).await;
    assert!(answer.location_param("code").is_some());

    app.clock.advance(TimeDelta::minutes(30));
    let answer = app.get(&format!("/oauth2/resume?flow={flow}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let bent = flow.replace(&flow[20..24], "AAAA");
    assert_eq!(app.get(&format!("/oauth2/resume?flow={bent}")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_never_shows_a_page() {
    let app = start().await;
    let silent = |client| [("client_id", client), ("prompt", "none")];
    let error = async |client| authorize(&app, &silent(client)).await.location_param("error");
    assert_eq!(error("web").await.as_deref(), Some("login_required"));
    app.sign_in(&app.user("user@example.com").await).await;
    assert_eq!(error("web").await, None);
    assert_eq!(error("third").await.as_deref(), Some("consent_required"));
    assert_eq!(error("club").await.as_deref(), Some("access_denied"));
    // Plan selection is due there, and passed over because nobody asked for it.
    assert_eq!(error("shop").await, None);
    let answer = authorize(&app, &[("client_id", "shop"), ("prompt", "none"), ("plan", "plus")]).await;
    assert_eq!(answer.location_param("error").as_deref(), Some("interaction_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_and_max_age_ask_again() {
    let app = signed_in().await;
    app.clock.advance(TimeDelta::seconds(100));
    assert!(authorize(&app, &[("max_age", "100")]).await.location_param("code").is_some());
    let silent = authorize(&app, &[("max_age", "99"), ("prompt", "none")]).await;
    assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
    for change in [("max_age", "99"), ("max_age", "0"), ("prompt", "login"), ("prompt", "select_account")] {
        let answer = authorize(&app, &[change]).await;
        let page = answer.location().unwrap().to_owned();
        assert!(page.starts_with("/sign-in?flow="), "{change:?}");
        // Coming back without having signed in again is not enough.
        let resume = page.replace("/sign-in", "/oauth2/resume");
        assert!(app.get(&resume).await.location().unwrap().starts_with("/sign-in?"), "{change:?}");
    }
    let page = authorize(&app, &[("prompt", "login")]).await.location().unwrap().to_owned();
    app.clock.advance(TimeDelta::seconds(5));
    app.sign_in(&app.user("user@example.com").await).await;
    let answer = app.get(&page.replace("/sign-in", "/oauth2/resume")).await;
    let code = answer.location_param("code").unwrap();
    let tokens = acme::redeem(&app, "web", &code).await.json();
    let claims = acme::claims(&tokens["id_token"]);
    assert_eq!(claims["auth_time"], claims["iat"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_set_a_factor_up_is_no_sign_in() {
    let app = signed_in().await;
    let signed_in = app.services.now().timestamp();
    app.clock.advance(TimeDelta::seconds(1));
    let mut asked = Vec::new();
    for change in [("prompt", "login"), ("max_age", "0")] {
        asked.push(authorize(&app, &[change]).await.location().unwrap().to_owned());
    }
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(set_up(&app, route::AUTHENTICATOR).await.1.status, StatusCode::OK);
    for page in asked {
        let again = app.get(&page.replace("/sign-in", "/oauth2/resume")).await;
        assert!(again.location().unwrap().starts_with("/sign-in?"), "{page} {:?}", again.location());
    }
    let tokens = tokens(&app, &[]).await;
    assert_eq!(acme::claims(&tokens["id_token"])["auth_time"], signed_in);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_show_a_factor_is_no_choice_of_an_account() {
    let app = start().await;
    let user = app.user("user@example.com").await;
    let (key, _) = with_app(&app, &user).await;
    app.sign_in(&user).await;
    app.clock.advance(TimeDelta::seconds(1));
    let page = authorize(&app, &[("prompt", "select_account")]).await.location().unwrap().to_owned();
    assert!(page.starts_with("/sign-in?"), "{page}");
    app.clock.advance(TimeDelta::minutes(1));
    let factor = page.replace("/sign-in", route::FACTOR);
    let done = app.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let again = app.get(&page.replace("/sign-in", "/oauth2/resume")).await;
    assert!(again.location().unwrap().starts_with("/sign-in?"), "{:?}", again.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_names_the_user_who_is_wanted() {
    let app = signed_in().await;
    let hint = tokens(&app, &[]).await["id_token"].as_str().unwrap().to_owned();
    // Its age does not matter.
    app.clock.advance(TimeDelta::days(2));
    let changes = [("prompt", "none"), ("id_token_hint", hint.as_str())];
    assert!(authorize(&app, &changes).await.location_param("code").is_some());

    let other = app.browser();
    other.sign_in(&app.user("other@example.com").await).await;
    app.clock.advance(TimeDelta::seconds(1));
    let answer = authorize(&other, &changes).await;
    assert_eq!(answer.location_param("error").as_deref(), Some("login_required"));
    let page = authorize(&other, &[("id_token_hint", &hint)]).await;
    assert!(page.location().unwrap().starts_with("/sign-in?"));
    // Another client's token is no hint.
    let changes = [("client_id", "plain"), ("id_token_hint", hint.as_str())];
    assert_eq!(authorize(&app, &changes).await.location_param("error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_else_signs_in_instead_gets_no_code() {
    let app = signed_in().await;
    let hint = tokens(&app, &[]).await["id_token"].as_str().unwrap().to_owned();
    let wish = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, app.user("user@example.com").await.id);
    for change in [("id_token_hint", hint.as_str()), ("claims", wish.as_str())] {
        let other = app.browser();
        let page = authorize(&other, &[change]).await.location().unwrap().to_owned();
        assert!(page.starts_with("/sign-in?"), "{page}");
        app.clock.advance(TimeDelta::seconds(1));
        other.sign_in(&app.user("other@example.com").await).await;
        let answer = other.get(&page.replace("/sign-in", "/oauth2/resume")).await;
        assert_eq!(answer.location_param("error").as_deref(), Some("login_required"), "{change:?}");
        assert_eq!(answer.location_param("code"), None, "{change:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_access_there_is_a_page_that_says_so() {
    let app = signed_in().await;
    let answer = authorize(&app, &[("client_id", "club")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("Club"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_form_is_the_same_flow() {
    let app = signed_in().await;
    let path = |pairs: &[(&str, &str)]| format!("/auth/login?{}", serde_urlencoded::to_string(pairs).unwrap());
    let web = [("client_id", "web"), ("redirect_uri", CALLBACK), ("state", "x")];
    let answer = app.get(&path(&web)).await;
    assert_eq!(answer.location_param("state").as_deref(), Some("x"));
    let code = answer.location_param("code").unwrap();
    // A verifier without a challenge is refused, and without one it works.
    assert_eq!(acme::redeem(&app, "web", &code).await.json()["error"], "invalid_grant");
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let tokens = acme::token(&app, "web", &fields).await.json();
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    let spa = [("client_id", "spa"), ("redirect_uri", "https://spa.example/")];
    assert_eq!(app.get(&path(&spa)).await.location_param("error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_may_name_the_user() {
    let app = signed_in().await;
    let id = app.user("user@example.com").await.id;
    let wish = format!(r#"{{"id_token":{{"sub":{{"value":"{id}"}}}}}}"#);
    assert!(authorize(&app, &[("claims", &wish), ("prompt", "none")]).await.location_param("code").is_some());
    let other = wish.replace(&id.to_string(), "somebody else");
    let answer = authorize(&app, &[("claims", &other), ("prompt", "none")]).await;
    assert_eq!(answer.location_param("error").as_deref(), Some("login_required"));
    let hint = tokens(&app, &[]).await["id_token"].as_str().unwrap().to_owned();
    let both = authorize(&app, &[("claims", &other), ("id_token_hint", &hint)]).await;
    assert_eq!(both.location_param("error").as_deref(), Some("invalid_request"));
}
