//! Consent: asked for once per scope, before anybody becomes a member.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    oauth::{
        client::ClientPatch,
        redirect_uri::{RedirectUri, RedirectUris},
    },
    page::PageRequest,
    webhook::{endpoint::NewEndpoint, event::EventType},
};
use service::Ctx;

use crate::{
    acme::{CALLBACK, authorize, request, signed_in},
    support::TestApp,
};

/// Where a program on the user's device listens, and a scheme of its own.
const PORT: &str = "http://127.0.0.1:5555/cb";
const SCHEME: &str = "com.example.app:/cb";

/// Gives the public client addresses on the user's device beside its own host.
async fn lead_to_device(app: &TestApp, skip_consent: bool) {
    let spa = app.services.directory().client("spa").unwrap().client.clone();
    let uris = ["http://127.0.0.1/cb", SCHEME, "https://spa.example/"].map(|uri| RedirectUri::parse(uri).unwrap());
    let patch = ClientPatch {
        redirect_uris: Some(RedirectUris(uris.to_vec())),
        skip_consent: Some(skip_consent),
        ..ClientPatch::default()
    };
    app.services.clients().update(&Ctx::operator(), spa.application_id, spa.id, patch).await.unwrap();
}

/// Nothing tells a program on the user's device from another that asks in its name (RFC 8252, section 8.6).
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_on_the_device_asks_every_time() {
    let app = signed_in().await;
    lead_to_device(&app, false).await;
    let web = "https://spa.example/";
    let ask = async |uri: &str, prompt: &str| {
        app.clock.advance(TimeDelta::seconds(1));
        authorize(&app, &[("client_id", "spa"), ("redirect_uri", uri), ("prompt", prompt)]).await
    };
    let page = ask(web, "").await.location().unwrap().to_owned();
    let allowed = app.post_form(&page, &[("decision", "allow")]).await;
    assert!(allowed.location_param("code").is_some(), "{:?}", allowed.location());
    assert!(ask(web, "none").await.location_param("code").is_some(), "what has a host of its own asked once");
    for uri in [PORT, SCHEME] {
        for _ in 0..2 {
            let page = ask(uri, "").await.location().unwrap().to_owned();
            assert!(page.starts_with("/consent?"), "{uri}: {page}");
            assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some(), "{uri}");
        }
        let silent = ask(uri, "none").await;
        assert_eq!(silent.location_param("error").as_deref(), Some("consent_required"), "{uri}");
    }
    lead_to_device(&app, true).await;
    assert!(ask(PORT, "none").await.location_param("code").is_some(), "somebody answers for it");
}

/// A program that has asked in the name of another waits in vain for the user to allow that one.
#[tokio::test(flavor = "multi_thread")]
async fn consent_is_given_to_one_request() {
    let app = signed_in().await;
    lead_to_device(&app, false).await;
    for (client, uri, prompt) in [("spa", PORT, ""), ("spa", SCHEME, ""), ("web", CALLBACK, "consent")] {
        let own = [("client_id", client), ("redirect_uri", uri), ("prompt", prompt)];
        let kept = authorize(&app.browser(), &own).await.location().unwrap().to_owned();
        assert!(kept.starts_with("/sign-in?flow="), "{uri}: {kept}");
        app.clock.advance(TimeDelta::seconds(1));
        let page = authorize(&app, &own).await.location().unwrap().to_owned();
        assert!(page.starts_with("/consent?flow="), "{uri}: {page}");
        app.clock.advance(TimeDelta::seconds(1));
        assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some(), "{uri}");
        for resume in [kept.replace("/sign-in", "/oauth2/resume"), page.replace("/consent", "/oauth2/resume")] {
            let again = app.get(&resume).await;
            assert!(again.location().unwrap().starts_with("/consent?"), "{uri}: {:?}", again.location());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_given_in_one_session() {
    let app = signed_in().await;
    let page = authorize(&app, &[("client_id", "shop"), ("prompt", "consent")]).await.location().unwrap().to_owned();
    let plans = app.post_form(&page, &[("decision", "allow")]).await.location().unwrap().to_owned();
    assert!(plans.starts_with("/plans?"), "{plans}");
    let resume = plans.replace("/plans", "/oauth2/resume");
    assert!(app.get(&resume).await.location().unwrap().starts_with("/plans?"));
    for email in ["user@example.com", "other@example.com"] {
        let other = app.browser();
        other.sign_in(&app.user(email).await).await;
        let asked = other.get(&resume).await;
        assert!(asked.location().unwrap().starts_with("/consent?"), "{email}: {:?}", asked.location());
    }
}

/// A form posts it without cookies and gets an address that needs no page: it is no way to ask again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_request_that_waits_for_cookies_waits_a_minute() {
    let app = signed_in().await;
    lead_to_device(&app, false).await;
    let post = async |client: &str, uri: &str| {
        let request = request(&[("client_id", client), ("redirect_uri", uri), ("prompt", "none")]);
        let fields: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let resume = app.browser().post_form("/oauth2/authorize", &fields).await.location().unwrap().to_owned();
        assert!(resume.starts_with("/oauth2/resume?flow="), "{resume}");
        resume
    };
    let kept = post("spa", PORT).await;
    app.clock.advance(TimeDelta::seconds(1));
    let page = authorize(&app, &[("client_id", "spa"), ("redirect_uri", PORT)]).await.location().unwrap().to_owned();
    assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some());
    let answer = app.get(&kept).await;
    assert_eq!(answer.location_param("error").as_deref(), Some("consent_required"), "{:?}", answer.location());

    let resume = post("web", CALLBACK).await;
    app.clock.advance(TimeDelta::seconds(59));
    assert!(app.get(&resume).await.location_param("code").is_some());
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.get(&resume).await.status, StatusCode::BAD_REQUEST);
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
