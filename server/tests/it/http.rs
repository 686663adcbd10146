use axum::http::{Method, StatusCode};
use domain::{
    Secret,
    billing::ledger::Actor,
    identity::{
        proof::Proof,
        upstream::{NewMethod, UpstreamClientId, UpstreamKind},
    },
    route,
};
use serde_json::json;
use service::{
    Ctx, Settings,
    testing::{TestServices, authenticator},
};

use crate::{
    acme,
    admin_pages::{application, user},
    support::{Answer, TestApp},
};

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_api_have_the_envelope_and_every_answer_a_request_id() {
    let app = TestApp::start().await;
    let answer = app.get("/api/nothing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json()["error"]["code"], "APP_001");
    assert_eq!(answer.header("x-request-id").map(str::len), Some(32));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert_eq!(answer.header("strict-transport-security"), None);
}

/// Somebody with an authenticator app has typed their password, and somebody leaves for GitHub.
async fn half_signed_in(app: &TestApp) -> [Answer; 2] {
    let (services, nobody) = (&app.services, Ctx::anonymous());
    let careful = user(app, "careful@example.com").await;
    let (session, _) = services.sessions().start(&nobody, &careful, Proof::Password).await.unwrap();
    let ctx = Ctx { actor: Actor::User(careful.id), session: Some(session), ..nobody };
    let totp = services.factors().begin_totp(&ctx).await.unwrap();
    let code = authenticator::code(&totp.key, services.now());
    services.factors().confirm_totp(&ctx, &totp.sealed, &code).await.unwrap();
    let form = [("email", "careful@example.com"), ("password", "correct horse battery staple")];
    let pending = app.browser().post_form("/sign-in", &form).await;
    assert!(pending.location().is_some_and(|to| to.starts_with(route::FACTOR)), "{}", pending.text());

    let github = NewMethod {
        kind: UpstreamKind::GitHub,
        slug: None,
        name: None,
        issuer: None,
        client_id: UpstreamClientId::parse("turnpike").unwrap(),
        client_secret: Secret::new("a-secret-of-github"),
        enabled: true,
        trust_email: None,
    };
    services.sign_in_methods().create(&Ctx::operator(), app.application("acme"), github).await.unwrap();
    let left = app.browser().post_form("/sign-in/upstream/github", &[]).await;
    assert!(left.location().is_some_and(|to| to.starts_with("https://github.com/")), "{}", left.text());
    [pending, left]
}

/// A script or a sibling of our host may set what it likes: ours are read all the same.
#[tokio::test(flavor = "multi_thread")]
async fn other_people_s_cookies_hide_none_of_ours() {
    let app = acme::signed_in().await;
    let session = app.cookie("turnpike_session").unwrap();
    let stranger = app.browser();
    let cookies = format!("visitor=Jos\u{e9}; turnpike_session={session}; bad; =x; é=1");
    let answer = stranger.request(Method::GET, "/account").header("cookie", &cookies).send().await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_https_browsers_and_cookies_stay_there() {
    let app = TestApp::of(TestServices::start_with(Settings::new("https://id.example")).await);
    for path in ["/sign-in", "/healthz", "/.well-known/jwks.json", "/api/nothing", "/nothing"] {
        let answer = app.get(path).await;
        let policy = answer.header("strict-transport-security");
        assert_eq!(policy, Some("max-age=63072000; includeSubDomains"), "{path}");
    }
    let member = user(&app, "user@example.com").await;
    let acme = application(&app, "acme", "Acme").await.application.id;
    app.services.memberships().grant(&Ctx::operator(), acme, member.id, None).await.unwrap();
    let shown = app.get("/sign-in?lang=id&theme=dark").await;
    let form = [("email", "user@example.com"), ("password", "correct horse battery staple")];
    let entered = app.post_form("/sign-in?to=profile", &form).await;
    assert_eq!(entered.location(), Some("/account"), "{}", entered.text());
    let opened = app.services.portal().open(&Ctx::operator(), acme, member.id, None).await.unwrap();
    let portal = app.get(opened.url.expose().strip_prefix("https://id.example").expect("the issuer")).await;
    assert_eq!(portal.location(), Some("/portal"));
    let [pending, left] = half_signed_in(&app).await;

    let mut names = Vec::new();
    let answers = [&shown, &entered, &portal, &pending, &left];
    for cookie in answers.into_iter().flat_map(|answer| answer.headers.get_all("set-cookie")) {
        let cookie = cookie.to_str().unwrap();
        let mut parts = cookie.split("; ");
        let name = parts.next().and_then(|pair| pair.split('=').next()).unwrap();
        let attributes: Vec<_> = parts.collect();
        // A `__Host-` cookie has the path `/`.
        let path = "Path=/";
        assert!(name.starts_with("__Host-"), "{cookie}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Lax", path] {
            assert!(attributes.contains(&attribute), "{attribute}: {cookie}");
        }
        assert!(!attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{cookie}");
        names.push(name);
    }
    for name in [
        "__Host-locale",
        "__Host-theme",
        "__Host-turnpike_session",
        "__Host-turnpike_device",
        "__Host-turnpike_pending",
        "__Host-turnpike_upstream",
        "__Host-turnpike_portal",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    // Without its prefix, which a page of http could set, it is nothing.
    assert_eq!(app.get("/account").await.status, StatusCode::OK);
    let bare = app.browser();
    bare.set_cookie("turnpike_session", &app.cookie("__Host-turnpike_session").unwrap());
    assert_eq!(bare.get("/account").await.location(), Some("/sign-in?to=profile"));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_refused() {
    let app = TestApp::start().await;
    let answer = app.post_json("/api/nothing", &json!({ "text": "x".repeat(2 << 20) })).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["error"]["code"], "APP_001");
    let large = "x".repeat((64 << 10) + 1);
    for path in ["/sign-in", "/register"] {
        let form = |length: bool| {
            let ask = app.request(Method::POST, path).header("accept", "text/html,*/*;q=0.8");
            let kind = "application/x-www-form-urlencoded";
            if length {
                ask.text_body(format!("email={large}"), kind)
            } else {
                ask.raw_body(large.clone().into(), kind)
            }
        };
        for form in [form(true), form(false)] {
            let answer = form.send().await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_have_so_many_fields() {
    let app = TestApp::start().await;
    for path in ["/sign-in", "/register"] {
        let answer = app.post_form(path, &[("a", ""); 201]).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::BAD_REQUEST, 0), "{path}: no handler saw it");
    }
    let answer = app.post_form("/sign-in", &[("a", ""); 200]).await;
    assert!(answer.status.is_client_error() && !answer.body.is_empty(), "{}", answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_may_not_post() {
    let app = TestApp::start().await;
    let post = app.request(Method::POST, "/sign-in").header("sec-fetch-site", "cross-site").form(&[("email", "a@b.c")]);
    let answer = post.send().await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["error"]["code"], "AUTH_011");
    // A browser repeats Basic by itself, to whichever site's page; and beside a token the cookie counts on a page.
    let ask =
        || app.request(Method::POST, "/sign-in").header("sec-fetch-site", "cross-site").form(&[("email", "a@b.c")]);
    assert_eq!(ask().basic("acme", "secret").send().await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask().bearer("token").send().await.status, StatusCode::FORBIDDEN);
    // A server that uses it says nothing about sites.
    let server = app.request(Method::POST, "/sign-in").basic("acme", "secret").form(&[("email", "a@b.c")]);
    assert_eq!(server.send().await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_leads_to_the_dashboard_or_the_demo() {
    for (app, to) in [(TestApp::start().await, "/dashboard"), (TestApp::demo().await, "/demo")] {
        let answer = app.get("/").await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, Some(to)));
        assert_eq!(app.post_form("/", &[("a", "b")]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_that_it_lives() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(app.get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_for_whoever_takes_it_and_nothing_else_is() {
    let app = TestApp::start().await;
    let page = app.request(Method::GET, "/sign-in").header("accept-encoding", "gzip, br").send().await;
    assert_eq!((page.status, page.header("content-encoding")), (StatusCode::OK, Some("gzip")));
    assert_eq!(page.header("vary"), Some("accept-encoding"));
    let plain = app.get("/sign-in").await;
    assert_eq!(plain.header("content-encoding"), None);
    assert!(page.body.len() * 2 < plain.body.len(), "{} of {}", page.body.len(), plain.body.len());
    let gzip = |method, path| app.request(method, path).header("accept-encoding", "gzip");
    let posted =
        gzip(Method::POST, "/sign-in").form(&[("email", "a@b.c"), ("password", "wrong-password")]).send().await;
    assert!(posted.body.len() > 2048 && posted.header("content-encoding").is_none());
    for path in ["/api/openapi.json", "/.well-known/openid-configuration", "/.well-known/jwks.json", "/api/docs"] {
        let answer = gzip(Method::GET, path).send().await;
        assert_eq!((answer.status, answer.header("content-encoding")), (StatusCode::OK, None), "{path}");
    }
}
