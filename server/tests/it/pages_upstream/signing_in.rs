//! The way through a provider, and what goes wrong on it.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    Locale,
    identity::{
        proof::{Proof, Proofs},
        upstream::MethodPatch,
    },
    route,
};
use serde_json::json;
use service::Ctx;

use super::{back, open, start, through, user};
use crate::{
    pages_auth::mail_link,
    pages_factor,
    pages_shop::{PASSWORD, arrive, check},
    support::Answer,
};

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
    assert_eq!(app.post_form(&format!("{}/doubted", route::UPSTREAM), &[]).await.status, StatusCode::NOT_FOUND);
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
    assert!(again.text().contains("This sign\u{2011}in has expired") && again.text().contains("Acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_by_a_provider_keeps_the_language_of_the_page() {
    let (app, provider) = open().await;
    // What the application asks for goes before it.
    app.set_cookie("locale", "en");
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=id").await;
    let sent = app.post_form(&start(&page, "corp"), &[]).await;
    let url = sent.location().expect("the provider").to_owned();
    assert!(url.contains("ui_locales=id"), "{url}");
    let returned = back(&app, &provider, &url).await;
    assert_eq!(returned.status, StatusCode::SEE_OTHER, "{}", returned.text());
    assert_eq!(user(&app, "ann@example.com").await.expect("an account").locale, Some(Locale::Id));
    // Who has to confirm the address does so in it.
    let other = app.browser();
    other.set_cookie("locale", "en");
    provider.be(json!({ "sub": "8", "email": "bob@example.com", "email_verified": true }));
    let (page, _) = arrive(&other, "acme-web", "&ui_locales=id").await;
    let asked = through(&other, &provider, &page, "doubted").await;
    assert!(asked.text().contains("<html lang=\"id\""), "{}", asked.text());
    let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
    assert_eq!(mails.first().expect("a mail").mail.subject, "Acme: konfirmasi alamat email Anda");
    let link = mail_link(&app, "bob@example.com").await;
    let made = other.post_form(&link, &[("password", "four unrelated plain words")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    assert_eq!(user(&app, "bob@example.com").await.expect("an account").locale, Some(Locale::Id));
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
async fn the_servers_own_pages_offer_the_oldest_applications_providers() {
    let (app, provider) = open().await;
    let device = app.get("/device?user_code=WDJB-MJHT").await.location().expect("a sign-in").to_owned();
    assert_eq!(device, "/sign-in?to=device&user_code=WDJB-MJHT");
    let pages = [device.as_str(), "/sign-in?to=sessions", "/sign-in"];
    let switch = async |slug: &str, on: bool| {
        let entry = app.services.directory().by_slug(slug).cloned().unwrap();
        for own in &entry.sign_in_methods {
            let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
            let methods = app.services.sign_in_methods();
            methods.update(&Ctx::operator(), entry.application.id, own.method.id, patch).await.unwrap();
        }
    };
    let offers = async |page: &str| app.get(page).await.text().contains("Continue with");
    // What a newer one offers takes nothing from it, and stands in where it has none.
    for (acme, closed) in [(false, false), (false, true), (true, false), (true, true)] {
        switch("acme", acme).await;
        switch("closed", closed).await;
        for page in pages {
            assert_eq!(offers(page).await, acme || closed, "{page} {acme} {closed}");
        }
    }
    let leads = ["/device?user_code=WDJB-MJHT", "/account/sessions", "/dashboard"];
    for (page, to) in pages.into_iter().zip(leads) {
        let browser = app.browser();
        let shown = browser.get(page).await;
        check(&shown);
        // Not by a name that the application's admin chose.
        assert!(shown.text().contains("Continue with 127.0.0.1"), "{page}");
        // One for which only the application's admin speaks signs nobody in to the server.
        assert!(!shown.text().contains("Doubted"), "{page}");
        assert_eq!(browser.post_form(&start(page, "doubted"), &[]).await.status, StatusCode::NOT_FOUND, "{page}");
        assert_eq!(through(&browser, &provider, page, "corp").await.location(), Some(to));
    }
}
