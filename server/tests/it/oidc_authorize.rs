use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    oauth::client::ClientPatch,
    page::PageRequest,
    webhook::{endpoint::NewEndpoint, event::EventType},
};
use service::Ctx;

use crate::{
    acme::{self, CALLBACK, authorize, request, signed_in, start, tokens, url},
    support::{Answer, TestApp},
};

/// The answers to a request by GET, and by POST with and without cookies.
async fn by_every_way(app: &TestApp, changes: &[(&str, &str)]) -> [Answer; 3] {
    let body = serde_urlencoded::to_string(request(changes)).unwrap();
    let post = async |app: &TestApp| {
        let request = app.request(Method::POST, "/oauth2/authorize");
        request.text_body(body.clone(), "application/x-www-form-urlencoded").send().await
    };
    [authorize(app, changes).await, post(app).await, post(&app.browser()).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_answers_in_its_place() {
    let app = signed_in().await;
    let long = "x".repeat(5000);
    for (changes, error) in [
        (vec![("scope", "openid"), ("scope", "email")], "invalid_request"),
        (vec![("state", long.as_str())], "invalid_request"),
        (vec![("request", "e30.e30.")], "request_not_supported"),
        (vec![("request_uri", "https://app.example/r")], "request_uri_not_supported"),
        (vec![("response_mode", "fragment")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "id_token")], "unsupported_response_type"),
        (vec![("response_type", "")], "invalid_request"),
        (vec![("scope", "nothing")], "invalid_scope"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("max_age", "soon")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("resource", "api")], "invalid_target"),
        (vec![("resource", "https://api.example/v2")], "invalid_target"),
        (vec![("id_token_hint", "not.a.token")], "invalid_request"),
    ] {
        for answer in by_every_way(&app, &changes).await {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{changes:?}");
            assert!(answer.location().unwrap().starts_with(CALLBACK), "{changes:?}");
            assert_eq!(answer.location_param("error").as_deref(), Some(error), "{changes:?}");
            assert_eq!(answer.location_param("iss").as_deref(), Some("http://127.0.0.1:8080"));
            assert_eq!(answer.location_param("code"), None);
            if !changes.iter().any(|(name, _)| *name == "state") {
                assert_eq!(answer.location_param("state").as_deref(), Some("s t&"), "{changes:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_or_address_gets_a_page() {
    let app = signed_in().await;
    for changes in [
        vec![("client_id", "nobody")],
        vec![("client_id", "")],
        vec![("client_id", "web"), ("client_id", "web")],
        vec![("redirect_uri", "")],
        vec![("redirect_uri", "https://evil.example/callback")],
        vec![("redirect_uri", "https://app.example/callback/")],
        vec![("redirect_uri", "https://app.example/callback?x=1")],
        vec![("client_id", "machine")],
    ] {
        for answer in by_every_way(&app, &changes).await {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{changes:?}");
            assert_eq!(answer.location(), None);
            assert!(answer.header("content-type").unwrap().starts_with("text/html"));
            assert!(answer.header("content-security-policy").is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_does_not_know_never_fails() {
    let app = signed_in().await;
    let changes = [
        ("display", "popup"),
        ("ui_locales", "de id"),
        ("claims_locales", "x"),
        ("acr_values", "1 2"),
        ("login_hint", "someone@example.com"),
        ("claims", "{oops"),
        ("utm", "a"),
        ("utm", "b"),
        ("plan", "no such plan"),
    ];
    let [got, posted, deferred] = by_every_way(&app, &changes).await;
    let resumed = app.get(deferred.location().unwrap()).await;
    for answer in [got, posted, resumed] {
        assert!(answer.location_param("code").is_some(), "{:?}", answer.location());
        assert_eq!(answer.location_param("iss").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(answer.location_param("state").as_deref(), Some("s t&"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

/// People come here with their browsers; no script reads the answer, whoever registered its origin.
#[tokio::test(flavor = "multi_thread")]
async fn no_origin_reads_what_a_person_gets() {
    let app = signed_in().await;
    let path = url("/oauth2/authorize", &request(&[]));
    for origin in ["https://app.example", "https://spa.example", "https://evil.example", "null"] {
        let answer = app.request(Method::GET, &path).header("origin", origin).send().await;
        assert!(answer.location_param("code").is_some(), "{origin}: {:?}", answer.location());
        let preflight = app.request(Method::OPTIONS, &path).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "GET").send().await;
        assert_eq!(preflight.status, StatusCode::METHOD_NOT_ALLOWED, "{origin}");
        for answer in [answer, preflight] {
            let named = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(named, None, "{origin}");
        }
    }
}

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
async fn posts_work_without_cookies_too() {
    let app = signed_in().await;
    let body = serde_urlencoded::to_string(request(&[])).unwrap();
    let post = async |app: &TestApp| {
        let request = app.request(Method::POST, "/oauth2/authorize").header("sec-fetch-site", "cross-site");
        request.text_body(body.clone(), "application/x-www-form-urlencoded").send().await
    };
    let answer = post(&app).await;
    assert!(answer.location_param("code").is_some());

    // The browser keeps its cookie from another site's form, and shows it to the redirect.
    let answer = post(&app.browser()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let resume = answer.location().unwrap().to_owned();
    assert!(resume.starts_with("/oauth2/resume?flow="), "{resume}");
    assert!(app.get(&resume).await.location_param("code").is_some());
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
async fn asks_for_consent_once_per_scope() {
    let app = signed_in().await;
    let third = [("client_id", "third"), ("scope", "openid email")];
    let flow = authorize(&app, &third).await.location().unwrap().replace("/consent?flow=", "");
    let ctx = {
        let mut ctx = service::Ctx::anonymous();
        ctx.session = app.services.sessions().find(&app.cookie("turnpike_session").unwrap()).await.unwrap();
        ctx
    };
    let refused = app.services.authorize().consent(&ctx, &flow, false).await.unwrap();
    let service::oauth::Step::Redirect(answer) = refused else { panic!("{refused:?}") };
    assert!(answer.location().contains("error=access_denied"));
    assert!(authorize(&app, &third).await.location().unwrap().starts_with("/consent?"));

    app.services.authorize().consent(&ctx, &flow, true).await.unwrap();
    assert!(authorize(&app, &third).await.location_param("code").is_some());
    let more = authorize(&app, &[("client_id", "third"), ("scope", "openid email profile")]).await;
    assert!(more.location().unwrap().starts_with("/consent?"));
    app.clock.advance(TimeDelta::seconds(1));
    let again = authorize(&app, &[third[0], third[1], ("prompt", "consent")]).await;
    assert!(again.location().unwrap().starts_with("/consent?"));
    // A client that may skip it shows it when it asks for it.
    assert!(authorize(&app, &[("prompt", "consent")]).await.location().unwrap().starts_with("/consent?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_a_member_before_they_consent() {
    let app = signed_in().await;
    let (operator, shop, user) = (Ctx::operator(), app.application("shop"), app.user("user@example.com").await.id);
    let client = app.services.directory().client("shop").unwrap().client.id;
    let asks = ClientPatch { skip_consent: Some(false), ..ClientPatch::default() };
    app.services.clients().update(&operator, shop, client, asks).await.unwrap();
    let endpoint = NewEndpoint::parse("https://app.example/hooks", "", &[]).unwrap();
    let (endpoint, _) = app.services.webhooks().create(&operator, shop, endpoint).await.unwrap();
    let told = async || {
        let page = PageRequest::default();
        let told = app.services.deliveries().page(&operator, shop, endpoint.id, None, &page).await.unwrap();
        told.items.into_iter().map(|delivery| delivery.event).collect::<Vec<_>>()
    };
    let is_member = async || app.services.memberships().get(&operator, shop, user).await.is_ok();

    let page = authorize(&app, &[("client_id", "shop")]).await.location().unwrap().to_owned();
    assert!(page.starts_with("/consent?"), "{page}");
    assert_eq!(app.get(&page).await.status, StatusCode::OK);
    let plans = page.replace("/consent", "/plans");
    for early in [app.get(&plans).await, app.post_form(&plans, &[("keep", "1")]).await] {
        assert_eq!(early.status, StatusCode::SEE_OTHER);
        let back = early.location().unwrap();
        assert!(back.starts_with("/oauth2/resume?flow="), "{back}");
        assert!(app.get(back).await.location().unwrap().starts_with("/consent?"));
    }
    let silent = authorize(&app, &[("client_id", "shop"), ("prompt", "none")]).await;
    assert_eq!(silent.location_param("error").as_deref(), Some("consent_required"));
    let denied = app.post_form(&page, &[("decision", "deny")]).await;
    assert_eq!(denied.location_param("error").as_deref(), Some("access_denied"));
    assert_eq!((is_member().await, told().await), (false, vec![]));

    let allowed = app.post_form(&page, &[("decision", "allow")]).await;
    assert!(allowed.location().unwrap().starts_with("/plans?"), "{:?}", allowed.location());
    assert!(is_member().await);
    assert!(told().await.contains(&EventType::MembershipCreated));
    let default = app.services.memberships().get(&operator, shop, user).await.unwrap().subscription;
    assert!(default.is_some(), "the default plan");
    let plans = allowed.location().unwrap();
    assert_eq!(app.get(plans).await.status, StatusCode::OK);
    let chosen = app.post_form(plans, &[("keep", "1")]).await;
    assert!(app.follow(chosen.location().unwrap()).await.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_selection_comes_once_or_when_asked_for() {
    let app = signed_in().await;
    let page = async |changes: &[(&str, &str)]| {
        let answer = authorize(&app, &[&[("client_id", "shop")], changes].concat()).await;
        answer.location().unwrap().split('?').next().unwrap().to_owned()
    };
    assert_eq!(page(&[]).await, "/plans");
    app.clock.advance(TimeDelta::seconds(1));
    let shop = app.application("shop");
    let user = app.user("user@example.com").await;
    let plus = app.services.directory().by_slug("shop").unwrap().plan_by_key("plus").unwrap().id;
    let assignment = service::billing::subscriptions::Assignment { plan_id: plus, expires_at: None, replace: true };
    app.services.subscriptions().assign(&service::Ctx::operator(), shop, user.id, assignment).await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(page(&[]).await, CALLBACK);
    assert_eq!(page(&[("plan", "plus")]).await, CALLBACK);
    assert_eq!(page(&[("plan", "unknown")]).await, CALLBACK);
    assert_eq!(page(&[("plan", "basic")]).await, "/plans");
    assert_eq!(page(&[("prompt", "select_plan")]).await, "/plans");
    // Never is never.
    assert!(authorize(&app, &[("prompt", "select_plan")]).await.location_param("code").is_some());
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
async fn form_post_posts_itself_to_the_client() {
    let app = signed_in().await;
    let answer = app.get(&url("/oauth2/authorize", &request(&[("response_mode", "form_post")]))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let html = answer.text();
    assert!(html.contains(r#"<form method="post" action="https://app.example/callback">"#), "{html}");
    assert!(html.contains(r#"name="state" value="s t&amp;""#), "{html}");
    assert!(html.contains(r#"name="code" value="ac_"#));
    assert!(html.contains("<noscript>"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("form-action"), "{policy}");
    let error = app.get(&url("/oauth2/authorize", &request(&[("response_mode", "form_post"), ("scope", "x")]))).await;
    assert!(error.text().contains(r#"name="error" value="invalid_scope""#));
    for answer in [answer, error] {
        assert_eq!(answer.hidden("iss"), "http://127.0.0.1:8080");
        assert_eq!(answer.hidden("state"), "s t&amp;");
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
        assert!(html.contains(&format!("<html lang=\"{lang}\">")), "{more:?}: {html}");
        assert!(html.contains(&format!("<button>{button}</button>")), "{more:?}: {html}");
        assert!(html.len() < 4_096 && !html.contains("wasm"), "{html}");
    }
    // What the visitor chose goes first.
    let chosen = app.get(&format!("{}&lang=en", post([("ui_locales", "id"), ("nonce", "n")]))).await;
    assert!(chosen.text().contains("<html lang=\"en\">"), "{}", chosen.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn single_claims_are_consented_to_with_their_scope() {
    let app = signed_in().await;
    let wish = r#"{"userinfo":{"phone_number":null}}"#;
    let third = [("client_id", "third"), ("scope", "openid"), ("claims", wish)];
    let page = authorize(&app, &third).await.location().unwrap().to_owned();
    assert!(app.get(&page).await.text().contains("See your telephone number"));
    assert_eq!(app.post_form(&page, &[("decision", "allow")]).await.status, StatusCode::SEE_OTHER);
    assert!(authorize(&app, &third).await.location_param("code").is_some());
    let more = [("client_id", "third"), ("scope", "openid"), ("claims", r#"{"id_token":{"email":null}}"#)];
    assert!(authorize(&app, &more).await.location().unwrap().starts_with("/consent?"));
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
