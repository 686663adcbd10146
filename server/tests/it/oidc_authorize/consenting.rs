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

use crate::acme::{authorize, signed_in};

/// Nothing tells a program on the user's device from another that asks in its name (RFC 8252, section 8.6).
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_on_the_device_asks_every_time() {
    let app = signed_in().await;
    let spa = app.services.directory().client("spa").unwrap().client.clone();
    let (port, scheme, web) = ("http://127.0.0.1:5555/cb", "com.example.app:/cb", "https://spa.example/");
    let uris = ["http://127.0.0.1/cb", scheme, web].map(|uri| RedirectUri::parse(uri).unwrap()).to_vec();
    let patch =
        ClientPatch { redirect_uris: Some(RedirectUris(uris)), skip_consent: Some(false), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), spa.application_id, spa.id, patch.clone()).await.unwrap();
    let ask = async |uri: &str, prompt: &str| {
        app.clock.advance(TimeDelta::seconds(1));
        authorize(&app, &[("client_id", "spa"), ("redirect_uri", uri), ("prompt", prompt)]).await
    };
    let page = ask(web, "").await.location().unwrap().to_owned();
    let allowed = app.post_form(&page, &[("decision", "allow")]).await;
    assert!(allowed.location_param("code").is_some(), "{:?}", allowed.location());
    assert!(ask(web, "none").await.location_param("code").is_some(), "what has a host of its own asked once");
    for uri in [port, scheme] {
        for _ in 0..2 {
            let page = ask(uri, "").await.location().unwrap().to_owned();
            assert!(page.starts_with("/consent?"), "{uri}: {page}");
            assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some(), "{uri}");
        }
        let silent = ask(uri, "none").await;
        assert_eq!(silent.location_param("error").as_deref(), Some("consent_required"), "{uri}");
    }
    let patch = ClientPatch { skip_consent: Some(true), ..patch };
    app.services.clients().update(&Ctx::operator(), spa.application_id, spa.id, patch).await.unwrap();
    assert!(ask(port, "none").await.location_param("code").is_some(), "somebody answers for it");
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
