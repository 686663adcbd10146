//! Signing in with other providers, page by page, without JavaScript, against a stand-in for the provider.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    id::SignInMethodId,
    identity::{
        proof::{Proof, Proofs},
        upstream::MethodPatch,
        user::User,
    },
    route,
};
use serde_json::json;
use service::{
    Ctx,
    catalog::Catalog,
    testing::{
        TestServices,
        provider::{CLIENT_ID, CLIENT_SECRET, Provider},
    },
};

use crate::{
    admin_pages::{self, Office},
    pages_factor,
    pages_shop::{self, PASSWORD, arrive, authorize, check},
    support::{Answer, TestApp},
};

const METHODS: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
[[applications.sign_in_methods]]
kind = "oidc"
name = "Doubted"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
[[applications]]
slug = "closed"
name = "Closed"
allow_register = false
[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
[[applications.sign_in_methods]]
kind = "oidc"
name = "Members"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
"#;

/// What every page of the dashboard has.
#[track_caller]
fn dashed(page: &Answer) {
    let html = page.text();
    assert_eq!((html.matches("<h1").count(), html.matches("<main").count()), (1, 1), "{html}");
    assert!(!html.contains(" style="), "a style attribute");
    assert!(html.contains("href=\"/dashboard/acme/sign-in-methods\""), "the section");
}

/// The shop of the other tests, whose pages offer the stand-in.
pub async fn open() -> (TestApp, Provider) {
    let (app, provider) = (pages_shop::open().await, Provider::start(TestServices::epoch().timestamp()).await);
    let catalog = Catalog::parse(&METHODS.replace("ISSUER", &provider.url()), "methods.toml").expect("a catalog");
    app.services.catalog().apply(&Ctx::operator(), catalog.as_seed(), false).await.expect("applied");
    (app, provider)
}

pub fn start(page: &str, slug: &str) -> String {
    page.replace(route::SIGN_IN, &format!("{}/{slug}", route::UPSTREAM))
}

/// Presses a provider's button on the sign-in page, says yes there, and comes back.
pub async fn through(app: &TestApp, provider: &Provider, page: &str, slug: &str) -> Answer {
    let sent = app.post_form(&start(page, slug), &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    back(app, provider, sent.location().expect("the provider")).await
}

/// What the browser gets that comes back from the provider with a yes.
pub async fn back(app: &TestApp, provider: &Provider, url: &str) -> Answer {
    let at = url::Url::parse(url).unwrap();
    let redirect_uri = at.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let query = serde_urlencoded::to_string(provider.approve(url)).unwrap();
    let path = url::Url::parse(&redirect_uri).unwrap().path().to_owned();
    app.request(Method::GET, &format!("{path}?{query}")).header("sec-fetch-site", "cross-site").send().await
}

pub async fn user(app: &TestApp, email: &str) -> Option<User> {
    let email = domain::identity::email::Email::parse(email).unwrap();
    app.services.users().find_by_email(&email).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_button_signs_a_new_person_in() {
    let (app, provider) = open().await;
    let (page, shown) = arrive(&app, "acme-web", "&login_hint=ann%40example.com").await;
    check(&shown);
    let html = shown.text();
    assert!(html.contains("Continue with Corp") && html.contains("Continue with Doubted"));
    let register = app.get(&page.replace(route::SIGN_IN, route::REGISTER)).await;
    check(&register);
    assert!(register.text().contains("Continue with Corp"));
    // Looking begins nothing, and there is nothing for what the application does not offer.
    assert_eq!(app.get(&start(&page, "corp")).await.status, StatusCode::METHOD_NOT_ALLOWED);
    for slug in ["nothing", "members"] {
        assert_eq!(app.post_form(&start(&page, slug), &[]).await.status, StatusCode::NOT_FOUND, "{slug}");
    }
    assert!(!html.contains("Members"), "another application's");
    assert_eq!(app.post_form(&format!("{}/corp", route::UPSTREAM), &[]).await.status, StatusCode::NOT_FOUND);
    let foreign = app.request(Method::POST, &start(&page, "corp")).header("sec-fetch-site", "cross-site").form(&[]);
    assert_eq!(foreign.send().await.status, StatusCode::FORBIDDEN);

    let sent = app.post_form(&start(&page, "corp"), &[]).await;
    let url = sent.location().expect("the provider").to_owned();
    assert!(url.starts_with(&provider.url()), "{url}");
    let at = url::Url::parse(&url).unwrap();
    let asked = |name: &str| at.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    assert_eq!(asked("redirect_uri").unwrap(), "http://127.0.0.1:8080/upstream/callback/acme/corp");
    assert_eq!(
        (asked("scope").unwrap(), asked("login_hint").unwrap()),
        ("openid email profile".into(), "ann@example.com".into())
    );
    assert!(asked("nonce").is_some() && asked("code_challenge").is_some() && asked("state").unwrap().len() < 64);
    let cookie = sent.headers.get_all("set-cookie").iter().map(|own| own.to_str().unwrap());
    let cookie = cookie.filter(|own| own.starts_with("turnpike_upstream=up_")).collect::<Vec<_>>().join("");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let returned = back(&app, &provider, &url).await;
    assert_eq!(returned.status, StatusCode::SEE_OTHER, "{}", returned.text());
    assert!(returned.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
    assert!(user(&app, "ann@example.com").await.expect("an account").email_verified);
    let session = app.services.sessions().find(&app.cookie("turnpike_session").unwrap()).await.unwrap().unwrap();
    assert_eq!((session.user.email.as_str(), session.proofs), ("ann@example.com", Proof::Upstream.into()));
    // The same answer again, from the history, or in another browser.
    let again = app.get(&format!("/upstream/callback/acme/corp?state={}&code=code-1", asked("state").unwrap())).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    check(&again);
    assert!(again.text().contains("This sign-in has expired") && again.text().contains("Acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_proved_before_it_is_linked() {
    let (app, provider) = open().await;
    provider.be(json!({ "sub": "7", "email": "User@Example.com", "email_verified": true }));
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=en").await;
    let returned = through(&app, &provider, &page, "corp").await;
    assert_eq!(returned.status, StatusCode::SEE_OTHER);
    let link = returned.location().unwrap().to_owned();
    assert!(link.starts_with("/upstream/link?pending="), "{link}");
    let shown = app.get(&link).await;
    check(&shown);
    assert!(shown.text().contains("You have an account already") && shown.text().contains("user@example.com"));
    assert!(app.cookie("turnpike_session").is_none(), "nobody is signed in");
    // Asking for it without the proof brings nobody further.
    assert_eq!(app.post_form(&link, &[]).await.location(), Some(link.as_str()));
    let sign_in = link.replace(route::UPSTREAM_LINK, route::SIGN_IN);
    assert!(shown.text().contains(&sign_in.replace('&', "&amp;")));
    let form = app.get(&sign_in).await;
    check(&form);
    assert!(form.text().contains("value=\"user@example.com\"") && form.text().contains("Sign in to Acme"));
    let wrong = app.post_form(&sign_in, &[("email", "user@example.com"), ("password", "not the password")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = app.post_form(&sign_in, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(right.location(), Some(link.as_str()));
    let question = app.get(&link).await;
    check(&question);
    assert!(question.text().contains("Link Corp?") && question.text().contains("Not now"));
    // Another browser of the same person links nothing.
    let other = app.browser();
    other.sign_in(&user(&app, "user@example.com").await.unwrap()).await;
    assert!(other.get(&link).await.location().unwrap().starts_with("/oauth2/resume"));
    assert_eq!(other.post_form(&link, &[]).await.location(), Some(link.as_str()));
    let linked = app.post_form(&link, &[]).await;
    assert!(linked.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", linked.location());
    let fresh = app.browser();
    let (page, _) = arrive(&fresh, "acme-web", "").await;
    assert!(through(&fresh, &provider, &page, "corp").await.location().unwrap().starts_with("/oauth2/resume?flow="));
    let session = fresh.services.sessions().find(&fresh.cookie("turnpike_session").unwrap()).await.unwrap().unwrap();
    assert_eq!(session.user.email.as_str(), "user@example.com");
    assert_eq!(app.get("/upstream/link?pending=bent").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unproven_address_tells_nothing_of_who_has_an_account() {
    let (app, provider) = open().await;
    let mut told = Vec::new();
    for address in ["user@example.com", "nobody@example.com"] {
        provider.be(json!({ "sub": address, "email": address, "email_verified": true }));
        let (page, _) = arrive(&app, "acme-web", "").await;
        let answer = through(&app, &provider, &page, "doubted").await;
        assert_eq!(answer.status, StatusCode::OK);
        check(&answer);
        assert!(answer.text().contains("Check your mail"));
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let text = answer.text().replace(address, "ADDRESS").replace(&address.replace('@', "%40"), "ADDRESS");
        // Each flow is sealed anew.
        let text = text.replace(nonce, "NONCE");
        let parts = text.split("flow=");
        let parts = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c)));
        told.push(parts.map(str::to_owned).collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1]);
    assert!(user(&app, "nobody@example.com").await.is_none());
    provider.be(json!({ "sub": "8", "email": "nobody@example.com", "email_verified": true }));
    let (page, _) = arrive(&app, "closed-web", "").await;
    let closed = through(&app, &provider, &page, "corp").await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    check(&closed);
    assert!(closed.text().contains("gives access by invitation"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_leads_back_to_where_the_flow_waits() {
    let (app, provider) = open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let leads_back = |answer: &Answer, status: StatusCode, says: &str| {
        assert_eq!(answer.status, status, "{}", answer.text());
        check(answer);
        assert!(answer.text().contains(says), "{says}: {}", answer.text());
        assert!(answer.text().contains("/sign-in?flow="), "no way back");
    };
    let sent = app.post_form(&start(&page, "corp"), &[]).await;
    let at = url::Url::parse(sent.location().unwrap()).unwrap();
    let state = at.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let iss: String = url::form_urlencoded::byte_serialize(provider.url().as_bytes()).collect();
    let denied = format!("/upstream/callback/acme/corp?error=access_denied&state={state}&iss={iss}");
    leads_back(&app.get(&denied).await, StatusCode::FORBIDDEN, "Nobody was signed in with Corp");
    for (name, bend) in [
        ("nonce", json!({ "nonce": "another" })),
        ("aud", json!({ "aud": "another" })),
        ("iss", json!({ "iss": "https://evil.example" })),
        ("exp", json!({ "exp": 1 })),
    ] {
        provider.bend(move |_, claims| claims.as_object_mut().unwrap().extend(bend.as_object().unwrap().clone()));
        let answer = through(&app, &provider, &page, "corp").await;
        leads_back(&answer, StatusCode::BAD_GATEWAY, "The answer of Corp cannot be used");
        assert!(app.cookie("turnpike_session").is_none(), "{name}");
    }
    provider.bend(|header, _| header["alg"] = json!("none"));
    leads_back(&through(&app, &provider, &page, "corp").await, StatusCode::BAD_GATEWAY, "cannot be used");
    provider.be_honest();
    let sent = app.post_form(&start(&page, "corp"), &[]).await;
    let url = sent.location().unwrap().to_owned();
    provider.go_down(true);
    leads_back(&back(&app, &provider, &url).await, StatusCode::SERVICE_UNAVAILABLE, "Corp does not answer");
    provider.go_down(false);
    // And the flow is as good as before.
    assert!(through(&app, &provider, &page, "corp").await.location().unwrap().starts_with("/oauth2/resume?flow="));
    let indonesian = app.browser();
    let (page, shown) = arrive(&indonesian, "acme-web", "&ui_locales=id").await;
    assert!(shown.text().contains("Lanjutkan dengan Corp"));
    provider.be(json!({ "sub": "9" }));
    let answer = through(&indonesian, &provider, &page, "corp").await;
    assert!(answer.text().contains("tidak memberi alamat email"), "{}", answer.text());
    // Whoever would rather read it in English goes on from the sign-in page: what came back serves once.
    assert!(answer.text().contains("lang=en") && !answer.text().contains("/upstream/callback"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_after_the_provider() {
    let (app, provider) = open().await;
    provider.be(json!({ "sub": "7", "email": "user@example.com", "email_verified": true }));
    let owner = user(&app, "user@example.com").await.unwrap();
    let (key, _) = pages_factor::with_app(&app, &owner).await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let link = through(&app, &provider, &page, "corp").await.location().unwrap().to_owned();
    // The password alone proves nothing of who has a second factor.
    let sign_in = link.replace(route::UPSTREAM_LINK, route::SIGN_IN);
    let sent = app.post_form(&sign_in, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let factor = sent.location().unwrap().to_owned();
    assert!(factor.starts_with(&format!("{}?pending=", route::FACTOR)), "{factor}");
    assert_eq!(app.post_form(&link, &[]).await.location(), Some(link.as_str()), "not linked before it");
    check(&app.get(&factor).await);
    let code = pages_factor::shown(&app, &key);
    assert_eq!(app.post_form(&factor, &[("code", &code)]).await.location(), Some(link.as_str()));
    assert!(app.post_form(&link, &[]).await.location().unwrap().starts_with("/oauth2/resume?flow="));
    app.clock.advance(TimeDelta::minutes(1));

    let browser = app.browser();
    let (page, _) = arrive(&browser, "acme-web", "").await;
    let factor = through(&browser, &provider, &page, "corp").await.location().unwrap().to_owned();
    assert!(factor.starts_with(&format!("{}?flow=", route::FACTOR)), "{factor}");
    assert!(browser.cookie("turnpike_session").is_none(), "no session before the factor");
    let code = pages_factor::shown(&app, &key);
    let entered = browser.post_form(&factor, &[("code", &code)]).await;
    assert!(entered.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", entered.location());
    let token = browser.cookie("turnpike_session").unwrap();
    let session = app.services.sessions().find(&token).await.unwrap().unwrap();
    assert_eq!(session.proofs, Proofs::from(Proof::Upstream).and(Proof::Totp));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_pages_offer_the_only_applications_providers() {
    let (app, provider) = open().await;
    let device = app.get("/device?user_code=WDJB-MJHT").await.location().expect("a sign-in").to_owned();
    assert_eq!(device, "/sign-in?to=device&user_code=WDJB-MJHT");
    let pages = [device.as_str(), "/sign-in?to=sessions", "/sign-in"];
    for page in pages {
        // Two have some: whose are meant is not known here.
        assert!(!app.get(page).await.text().contains("Continue with"), "{page}");
        assert_eq!(app.post_form(&start(page, "corp"), &[]).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    let closed = app.services.directory().by_slug("closed").cloned().unwrap();
    for entry in &closed.sign_in_methods {
        let off = MethodPatch { enabled: Some(false), ..MethodPatch::default() };
        let methods = app.services.sign_in_methods();
        methods.update(&Ctx::operator(), closed.application.id, entry.method.id, off).await.unwrap();
    }
    let leads = ["/device?user_code=WDJB-MJHT", "/account/sessions", "/dashboard"];
    for (page, to) in pages.into_iter().zip(leads) {
        let browser = app.browser();
        let shown = browser.get(page).await;
        check(&shown);
        assert!(shown.text().contains("Continue with Corp"), "{page}");
        assert_eq!(through(&browser, &provider, page, "corp").await.location(), Some(to));
    }
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
    assert!(wrong.text().contains("Issuer must use https") && !wrong.text().contains("typed-wrongly"));
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
    assert!(refused.text().contains("Client secret is refused by the provider"), "{}", refused.text());
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
    let kept = office.post(&page, &[("action", "delete"), ("confirm", "wrong")]).await;
    assert_eq!(kept.status, StatusCode::BAD_REQUEST);
    for _ in 0..2 {
        let deleted = office.post(&page, &[("action", "delete"), ("confirm", "corp")]).await;
        assert!(deleted.location().unwrap().ends_with("done=deleted"));
    }
    assert_eq!(office.get(&page).await.status, StatusCode::NOT_FOUND);
}
