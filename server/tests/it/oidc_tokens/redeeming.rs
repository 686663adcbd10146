//! Codes and refresh tokens: what is redeemed, rotated and taken away.

use std::{collections::BTreeSet, time::Duration};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    application::SettingsPatch,
    identity::membership::MembershipStatus,
    oauth::{
        client::{ClientPatch, GrantType},
        scope::ScopeSet,
    },
};
use serde_json::json;
use service::{Ctx, Settings, crypto, identity::memberships::MembershipPatch, testing::TestServices};

use super::{text, who};
use crate::{
    acme::{self, claims, introspect, redeem, refresh, signed_in, token, tokens, userinfo},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_and_works_once() {
    let app = signed_in().await;
    let code = acme::code(&app, &[]).await;
    let with = async |client: &str, changes: &[(&str, &str)]| {
        let base = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", acme::CALLBACK),
            ("code_verifier", acme::VERIFIER),
        ];
        let kept = base.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let fields: Vec<_> = kept.chain(changes).copied().collect();
        token(&app, client, &fields).await.json()["error"].clone()
    };
    let wrong = "x".repeat(43);
    assert_eq!(with("es", &[]).await, "invalid_grant");
    assert_eq!(with("web", &[("redirect_uri", "https://app.example/")]).await, "invalid_grant");
    assert_eq!(with("web", &[("redirect_uri", "")]).await, "invalid_grant");
    assert_eq!(with("web", &[("code_verifier", &wrong)]).await, "invalid_grant");
    assert_eq!(with("web", &[("code_verifier", "")]).await, "invalid_grant");
    assert_eq!(with("web", &[("code", "ac_nothing")]).await, "invalid_grant");
    assert_eq!(with("web", &[("code", "")]).await, "invalid_request");

    let tokens = redeem(&app, "web", &code).await.json();
    let access = text(&tokens["access_token"]);
    assert_eq!(userinfo(&app, access).await.status, StatusCode::OK);
    assert_eq!(introspect(&app, "web", access).await["active"], true);
    // The second use takes back what the first one issued.
    assert_eq!(redeem(&app, "web", &code).await.json()["error"], "invalid_grant");
    assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(introspect(&app, "web", access).await, json!({"active": false}));
    assert_eq!(refresh(&app, "web", text(&tokens["refresh_token"])).await.json()["error"], "invalid_grant");

    let (last, late) = (acme::code(&app, &[]).await, acme::code(&app, &[]).await);
    app.clock.advance(TimeDelta::seconds(59));
    assert_eq!(redeem(&app, "web", &last).await.status, StatusCode::OK);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(redeem(&app, "web", &late).await.json()["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_may_be_left_out_where_the_client_says_so() {
    let app = signed_in().await;
    let bare = [("client_id", "plain"), ("code_challenge", ""), ("code_challenge_method", "")];
    let code = acme::code(&app, &bare).await;
    assert_eq!(redeem(&app, "plain", &code).await.json()["error"], "invalid_grant");
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", acme::CALLBACK)];
    assert_eq!(token(&app, "plain", &fields).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_rotates_narrows_and_detects_reuse() {
    let app = signed_in().await;
    let first = tokens(&app, &[]).await;
    let rt0 = text(&first["refresh_token"]);
    assert!(rt0.starts_with("rt_"));
    let second = refresh(&app, "web", rt0).await.json();
    let rt1 = text(&second["refresh_token"]);
    assert_ne!(rt0, rt1);
    // A lost answer: within the leeway the same successor comes again.
    app.clock.advance(TimeDelta::seconds(10));
    assert_eq!(refresh(&app, "web", rt0).await.json()["refresh_token"], rt1);
    assert_eq!(introspect(&app, "web", rt0).await["active"], false);
    assert_eq!(introspect(&app, "web", rt1).await["active"], true);

    let narrow = [("grant_type", "refresh_token"), ("refresh_token", rt1), ("scope", "openid")];
    let third = token(&app, "web", &narrow).await.json();
    assert_eq!(third["scope"], "openid");
    assert_eq!(claims(&third["access_token"]).get("email"), None);
    let rt2 = text(&third["refresh_token"]);
    for beyond in ["openid roles", "openid api"] {
        let wide = [("grant_type", "refresh_token"), ("refresh_token", rt2), ("scope", beyond)];
        assert_eq!(token(&app, "web", &wide).await.json()["error"], "invalid_scope", "{beyond}");
    }
    assert_eq!(refresh(&app, "es", rt2).await.json()["error"], "invalid_grant");
    let fourth = refresh(&app, "web", rt2).await.json();
    assert_eq!(fourth["scope"], first["scope"]);

    app.clock.advance(TimeDelta::seconds(11));
    assert_eq!(refresh(&app, "web", rt2).await.json()["error"], "invalid_grant");
    assert_eq!(refresh(&app, "web", text(&fourth["refresh_token"])).await.json()["error"], "invalid_grant");
    assert_eq!(userinfo(&app, text(&fourth["access_token"])).await.status, StatusCode::UNAUTHORIZED);

    let idle = tokens(&app, &[]).await;
    app.clock.advance(TimeDelta::days(30));
    assert_eq!(refresh(&app, "web", text(&idle["refresh_token"])).await.json()["error"], "invalid_grant");
}

/// Whoever reads a grant's id out of an access token makes no refresh token of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_ours_to_the_last_bit() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[]).await;
    let rt = text(&tokens["refresh_token"]);
    let bytes = crypto::from_base64url(rt.strip_prefix("rt_").unwrap()).unwrap();
    let said = claims(&tokens["access_token"]);
    let jti = crypto::from_base64url(text(&said["jti"])).unwrap();
    assert_eq!(bytes[..16], jti[..16], "everybody may know it");
    let bent = |at: usize| {
        let mut bent = bytes.clone();
        bent[at] ^= 1;
        bent
    };
    let (bare, zeros) = (bytes[..24].to_vec(), [&bytes[..24], &[0; 32]].concat());
    let longer = [bytes.as_slice(), &[0]].concat();
    for forged in [bent(0), bent(23), bent(24), bent(55), bare, zeros, longer] {
        let forged = format!("rt_{}", crypto::base64url(forged));
        assert_eq!(refresh(&app, "web", &forged).await.json()["error"], "invalid_grant", "{forged}");
        assert_eq!(introspect(&app, "web", &forged).await, json!({"active": false}), "{forged}");
        let post = app.request(Method::POST, "/oauth2/revoke").basic("web", acme::SECRET);
        assert_eq!(post.form(&[("token", forged.as_str())]).send().await.status, StatusCode::OK);
    }
    assert_eq!(refresh(&app, "web", rt).await.status, StatusCode::OK, "nothing ended by them");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_refreshes_every_month_signs_in_again_after_a_year() {
    let app = signed_in().await;
    let ends = app.services.now() + TimeDelta::days(365);
    let mut held = text(&tokens(&app, &[]).await["refresh_token"]).to_owned();
    for _ in 0..12 {
        app.clock.advance(TimeDelta::days(29));
        let fresh = refresh(&app, "web", &held).await;
        assert_eq!(fresh.status, StatusCode::OK, "{}", fresh.text());
        held = text(&fresh.json()["refresh_token"]).to_owned();
    }
    assert_eq!(introspect(&app, "web", &held).await["exp"], ends.timestamp());
    // From before grants had an end.
    app.test.execute("UPDATE grants SET expires_at = expires_at + 864000000").await;
    assert_eq!(introspect(&app, "web", &held).await["exp"], ends.timestamp());
    app.clock.advance(ends - app.services.now() - TimeDelta::milliseconds(1));
    assert_eq!(introspect(&app, "web", &held).await["active"], true);
    let last = refresh(&app, "web", &held).await.json();
    app.clock.advance(TimeDelta::milliseconds(1));
    let last = text(&last["refresh_token"]);
    assert_eq!(introspect(&app, "web", last).await, json!({"active": false}));
    assert_eq!(refresh(&app, "web", last).await.json()["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leeway_is_what_the_settings_say() {
    for (seconds, within, past) in [(0, None, 1), (30, Some(29_000), 2_000)] {
        let settings = Settings { refresh_leeway: Duration::from_secs(seconds), ..TestServices::settings() };
        let app = acme::on(TestApp::of(TestServices::start_with(settings).await)).await;
        app.sign_in(&app.user("user@example.com").await).await;
        let first = tokens(&app, &[]).await;
        let used = text(&first["refresh_token"]);
        let second = refresh(&app, "web", used).await.json();
        let successor = text(&second["refresh_token"]);
        if let Some(within) = within {
            app.clock.advance(TimeDelta::milliseconds(within));
            assert_eq!(refresh(&app, "web", used).await.json()["refresh_token"], successor, "{seconds}");
        }
        app.clock.advance(TimeDelta::milliseconds(past));
        for token in [used, successor] {
            assert_eq!(refresh(&app, "web", token).await.json()["error"], "invalid_grant", "{seconds}");
        }
        assert_eq!(introspect(&app, "web", text(&second["access_token"])).await, json!({"active": false}), "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_access_loses_the_tokens() {
    let app = signed_in().await;
    let (application, user) = who(&app).await;
    let tokens = tokens(&app, &[]).await;
    let access = text(&tokens["access_token"]);
    let set = async |status| {
        let patch = MembershipPatch { status: Some(status), roles: None };
        app.services.memberships().update(&Ctx::operator(), application, user, patch).await.unwrap();
    };
    set(MembershipStatus::Suspended).await;
    assert_eq!(refresh(&app, "web", text(&tokens["refresh_token"])).await.json()["error"], "invalid_grant");
    assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(introspect(&app, "web", access).await["active"], false);
    assert_eq!(acme::authorize(&app, &[]).await.status, StatusCode::FORBIDDEN);
    set(MembershipStatus::Active).await;
    assert_eq!(refresh(&app, "web", text(&tokens["refresh_token"])).await.status, StatusCode::OK);
    assert_eq!(app.services.grants().revoke_all(&Ctx::operator(), application, user).await.unwrap(), 1);
    assert_eq!(refresh(&app, "web", text(&tokens["refresh_token"])).await.json()["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_puts_a_thief_out() {
    let app = signed_in().await;
    let user = app.user("user@example.com").await;
    let thief = app.browser();
    thief.sign_in(&user).await;
    let (own, stolen) = (tokens(&app, &[]).await, tokens(&thief, &[]).await);
    let ended = app.post_form("/account/sessions", &[("session", "others")]).await;
    assert_eq!(ended.location(), Some("/account/sessions"));
    assert_eq!(refresh(&thief, "web", text(&stolen["refresh_token"])).await.json()["error"], "invalid_grant");
    assert_eq!(userinfo(&app, text(&stolen["access_token"])).await.status, StatusCode::UNAUTHORIZED);
    let own = refresh(&app, "web", text(&own["refresh_token"])).await.json();

    thief.sign_in(&user).await;
    let (stolen, in_flight) = (tokens(&thief, &[]).await, acme::code(&thief, &[]).await);
    let new = domain::identity::password::Password::parse("four unrelated plain words").unwrap();
    app.services.users().reset_password(&Ctx::operator(), &user.email, new).await.unwrap();
    assert_eq!(redeem(&thief, "web", &in_flight).await.json()["error"], "invalid_grant");
    for tokens in [&own, &stolen] {
        assert_eq!(refresh(&thief, "web", text(&tokens["refresh_token"])).await.json()["error"], "invalid_grant");
        assert_eq!(introspect(&thief, "web", text(&tokens["access_token"])).await, json!({"active": false}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_names_the_audience() {
    let app = signed_in().await;
    let api = "https://api.example/v1";
    let tokens = tokens(&app, &[("resource", api)]).await;
    assert_eq!(claims(&tokens["access_token"])["aud"], api);
    let rt = text(&tokens["refresh_token"]);
    let other = [("grant_type", "refresh_token"), ("refresh_token", rt), ("resource", "https://x.example")];
    assert_eq!(token(&app, "web", &other).await.json()["error"], "invalid_target");
    let same = [("grant_type", "refresh_token"), ("refresh_token", rt), ("resource", api)];
    assert_eq!(claims(&token(&app, "web", &same).await.json()["access_token"])["aud"], api);
    let machine = [("grant_type", "client_credentials"), ("resource", api)];
    assert_eq!(claims(&token(&app, "machine", &machine).await.json()["access_token"])["aud"], api);
    // It may come more than once (RFC 8707, section 2), but a token is for one.
    let twice = [machine[0], machine[1], machine[1]];
    assert_eq!(claims(&token(&app, "machine", &twice).await.json()["access_token"])["aud"], api);
    let two = [machine[0], machine[1], ("resource", "https://x.example")];
    assert_eq!(token(&app, "machine", &two).await.json()["error"], "invalid_target");
    // It is for that API alone.
    assert_eq!(userinfo(&app, text(&tokens["access_token"])).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_one_of_the_applications() {
    let app = signed_in().await;
    let api = "https://api.example/v1";
    let machine = async |client: &str, resource: &str| {
        token(&app, client, &[("grant_type", "client_credentials"), ("resource", resource)]).await.json()
    };
    let user = who(&app).await.1.to_string();
    for other in ["https://api.example/v2", "https://api.example/v1/", "https://API.example/v1", "api", user.as_str()] {
        assert_eq!(machine("machine", other).await["error"], "invalid_target", "{other}");
    }
    assert_eq!(machine("shop", api).await["error"], "invalid_target", "another application's");

    let tokens = tokens(&app, &[("resource", api)]).await;
    let code = acme::code(&app, &[("resource", api)]).await;
    let access =
        [("web", tokens["access_token"].clone()), ("machine", machine("machine", api).await["access_token"].clone())];
    for (client, token) in &access {
        assert_eq!(introspect(&app, client, text(token)).await["active"], true, "{client}");
    }
    let refresh_token = text(&tokens["refresh_token"]);
    assert_eq!(introspect(&app, "web", refresh_token).await["active"], true);
    let settings = SettingsPatch { resources: Some(Vec::new()), ..SettingsPatch::default() };
    app.services.applications().update(&Ctx::operator(), who(&app).await.0, settings.into()).await.unwrap();
    // One that was taken off the list gets no tokens, whenever it was granted, and those that it got count no more.
    for (client, token) in &access {
        assert_eq!(introspect(&app, client, text(token)).await, json!({"active": false}), "{client}");
    }
    assert_eq!(introspect(&app, "web", refresh_token).await, json!({"active": false}));
    assert_eq!(refresh(&app, "web", refresh_token).await.json()["error"], "invalid_target");
    assert_eq!(redeem(&app, "web", &code).await.json()["error"], "invalid_target");
    assert_eq!(machine("machine", api).await["error"], "invalid_target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_counts_while_something_could_be_issued_for_it() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[("scope", "openid offline_access")]).await;
    let rt = text(&tokens["refresh_token"]);
    let web = app.services.directory().client("web").unwrap().client.clone();
    let may = async |grants: BTreeSet<GrantType>| {
        let patch = ClientPatch { grants: Some(grants), ..ClientPatch::default() };
        app.services.clients().update(&Ctx::operator(), web.application_id, web.id, patch).await.unwrap();
    };
    may([GrantType::AuthorizationCode].into()).await;
    assert_eq!(refresh(&app, "web", rt).await.json()["error"], "unauthorized_client");
    assert_eq!(introspect(&app, "web", rt).await, json!({"active": false}));
    may(web.settings.grants.clone()).await;
    assert_eq!(introspect(&app, "web", rt).await["active"], true);

    let allow = async |scopes: &str| {
        let settings = SettingsPatch { allowed_scopes: Some(ScopeSet::parse(scopes)), ..SettingsPatch::default() };
        app.services.applications().update(&Ctx::operator(), web.application_id, settings.into()).await.unwrap();
    };
    for without in ["email", "openid"] {
        allow(without).await;
        assert_eq!(refresh(&app, "web", rt).await.json()["error"], "invalid_grant");
        assert_eq!(introspect(&app, "web", rt).await, json!({"active": false}));
    }
    // What is left of its scopes can be issued.
    allow("offline_access").await;
    assert_eq!(introspect(&app, "web", rt).await["scope"], "offline_access");
    allow("openid offline_access").await;
    assert_eq!(introspect(&app, "web", rt).await["active"], true);
    assert_eq!(refresh(&app, "web", rt).await.status, StatusCode::OK);
}
