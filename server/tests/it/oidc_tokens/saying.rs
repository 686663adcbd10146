//! What tokens say.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    application::{PermissionName, Provider, RoleName, SettingsPatch},
    billing::clock::ClockStep,
    id::PermissionId,
    identity::profile::{Address, Profile},
    oauth::scope::ScopeSet,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use service::{
    Ctx, crypto,
    identity::{admin_users::UserPatch, memberships::MembershipPatch},
    organization::NewOrganization,
};

use super::{assign, text, who};
use crate::{
    acme::{self, SECRET, claims, redeem, refresh, signed_in, token, tokens, userinfo},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_what_the_contract_says() {
    let app = signed_in().await;
    app.clock.advance(TimeDelta::seconds(100));
    let (application, user) = who(&app).await;
    assign(&app, "pro", None).await;
    let patch = json!({"seats": 5, "role": "owner"});
    app.services.claims().merge(&Ctx::operator(), application, user, patch).await.unwrap();
    let new = NewOrganization {
        slug: "team".to_owned().try_into().unwrap(),
        name: "Team".to_owned().try_into().unwrap(),
        owner: Some(user),
    };
    let team = app.services.organizations().create(&Ctx::operator(), new).await.unwrap();
    let scope = "openid profile email roles permissions org offline_access";
    let tokens = tokens(&app, &[("scope", scope)]).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "openid profile email offline_access roles permissions org");

    let access = claims(&tokens["access_token"]);
    let id = claims(&tokens["id_token"]);
    let info = userinfo(&app, text(&tokens["access_token"])).await.json();
    for said in [&access, &id, &info] {
        assert_eq!(said["sub"], user.to_string());
        assert_eq!(said["plan"], "pro");
        assert_eq!(said["features"], json!({"maxProjects": 50, "exportEnabled": true}));
        assert_eq!(said["claims"], json!({"plan": "pro", "role": "owner", "seats": 5}));
        assert_eq!(said["ent_ver"], access["ent_ver"]);
        assert_eq!(said["roles"], json!(["user"]));
        assert_eq!(said["permissions"], json!([]));
        assert_eq!(said["org_id"], team.id.to_string());
        assert_eq!(said["email"], "user@example.com");
        assert_eq!(said["email_verified"], true);
        assert_eq!(said["name"], "Example user");
        assert_eq!(said.get("custom_claims"), None);
    }
    assert!(access["ent_ver"].is_i64());
    assert_eq!(access["iss"], "http://127.0.0.1:8080");
    assert_eq!(access["aud"], application.to_string());
    assert_eq!(access["client_id"], "web");
    assert_eq!(access["scope"], tokens["scope"]);
    assert_eq!(access["exp"].as_i64(), access["iat"].as_i64().map(|iat| iat + 3600));
    assert_eq!(id["aud"], "web");
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["sid"], access["sid"]);
    assert!(id["at_hash"].is_string() && id["auth_time"].is_i64());
    // RFC 9068, section 2.2.
    assert_eq!(access["auth_time"].as_i64(), access["iat"].as_i64().map(|iat| iat - 100));
    assert_eq!(access["auth_time"], id["auth_time"]);
    let next = refresh(&app, "web", text(&tokens["refresh_token"])).await.json();
    let next = claims(&next["access_token"]);
    assert_eq!(next["auth_time"], access["auth_time"]);
    assert!(access["jti"].is_string() && next["jti"].is_string(), "{access} {next}");
    assert_ne!(access["jti"], next["jti"]);

    let little = acme::tokens(&app, &[("scope", "openid"), ("client_id", "es")]).await;
    let access = claims(&little["access_token"]);
    for absent in ["email", "name", "roles", "permissions", "org_id"] {
        assert_eq!(access.get(absent), None, "{absent}");
    }
    assert_eq!(access["custom_claims"], access["claims"]);
    assert_eq!(little.get("refresh_token"), None);
}

/// RFC 9068, section 2.2.3.
#[tokio::test(flavor = "multi_thread")]
async fn another_api_reads_the_scopes_that_mean_something_there() {
    let app = signed_in().await;
    let api = ("resource", "https://api.example/v1");
    let first = tokens(&app, &[api]).await;
    let next = refresh(&app, "web", text(&first["refresh_token"])).await.json();
    for tokens in [&first, &next] {
        assert_eq!(tokens["scope"], "openid profile email offline_access", "what was granted");
        let said = claims(&tokens["access_token"]);
        assert_eq!(said["scope"], "profile email");
        assert_eq!(acme::introspect(&app, "web", text(&tokens["access_token"])).await["scope"], said["scope"]);
    }
    let little = tokens(&app, &[api, ("scope", "openid offline_access")]).await;
    assert_eq!(claims(&little["access_token"]).get("scope"), None);
    assert_eq!(little["scope"], "openid offline_access");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_come_with_what_they_allow() {
    let app = signed_in().await;
    let (operator, (application, user)) = (Ctx::operator(), who(&app).await);
    let roles = app.services.roles();
    let permission = async |name: &str| {
        let name = PermissionName::parse(name).unwrap();
        roles.create_permission(&operator, application, name).await.unwrap()
    };
    let role = async |name: &str, permissions: &[PermissionId]| {
        let id = roles.create(&operator, application, RoleName::parse(name).unwrap()).await.unwrap().id;
        for permission in permissions {
            roles.add_permission(&operator, application, id, *permission).await.unwrap();
        }
        id
    };
    let (reports, orders) = (permission("reports").await, permission("orders.write").await);
    let viewer = role("viewer", &[reports]).await;
    let editor = role("editor", &[reports, orders]).await;
    // Nobody has this one.
    role("auditor", &[permission("ledgers").await]).await;
    let patch = MembershipPatch { status: None, roles: Some(vec![viewer, editor]) };
    app.services.memberships().update(&operator, application, user, patch).await.unwrap();

    let everywhere = async |tokens: &Value| {
        let info = userinfo(&app, text(&tokens["access_token"])).await.json();
        [claims(&tokens["access_token"]), claims(&tokens["id_token"]), info]
    };
    let both = tokens(&app, &[("scope", "openid offline_access roles permissions")]).await;
    for said in everywhere(&both).await {
        assert_eq!(said["roles"], json!(["editor", "viewer"]));
        assert_eq!(said["permissions"], json!(["orders.write", "reports"]));
    }
    for (scope, there, absent) in
        [("openid roles", "roles", "permissions"), ("openid permissions", "permissions", "roles")]
    {
        let tokens = tokens(&app, &[("scope", scope)]).await;
        for said in everywhere(&tokens).await {
            assert_eq!(said[there].as_array().map(Vec::len), Some(2), "{scope}");
            assert_eq!(said.get(absent), None, "{scope}");
        }
    }
    roles.remove_permission(&operator, application, editor, orders).await.unwrap();
    let next = refresh(&app, "web", text(&both["refresh_token"])).await.json();
    for said in everywhere(&next).await {
        assert_eq!(said["roles"], json!(["editor", "viewer"]));
        assert_eq!(said["permissions"], json!(["reports"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_the_objects_are_there_and_empty() {
    let app = signed_in().await;
    let (application, user) = who(&app).await;
    app.services.subscriptions().end(&Ctx::operator(), application, user).await.unwrap();
    let tokens = tokens(&app, &[]).await;
    for token in ["access_token", "id_token"] {
        let said = claims(&tokens[token]);
        assert_eq!(said.get("plan"), None);
        assert_eq!(said["features"], json!({}));
        assert_eq!(said["claims"], json!({}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_verifies_against_the_published_keys() {
    let app = signed_in().await;
    let jwks: JwkSet = serde_json::from_value(app.get("/.well-known/jwks.json").await.json()).unwrap();
    for (client, algorithm) in [("web", Algorithm::RS256), ("es", Algorithm::ES256), ("ed", Algorithm::EdDSA)] {
        let tokens = tokens(&app, &[("client_id", client)]).await;
        if algorithm != Algorithm::EdDSA {
            let hash = crypto::hash(text(&tokens["access_token"]));
            assert_eq!(claims(&tokens["id_token"])["at_hash"], crypto::base64url(&hash[..16]));
        }
        let machine = token(&app, client, &[("grant_type", "client_credentials")]).await.json();
        for (token, typ, audience) in [
            (&tokens["access_token"], "at+jwt", app.application("acme").to_string()),
            (&tokens["id_token"], "JWT", client.to_owned()),
            (&machine["access_token"], "at+jwt", app.application("acme").to_string()),
        ] {
            let header = decode_header(text(token)).unwrap();
            assert_eq!((header.alg, header.typ.as_deref()), (algorithm, Some(typ)));
            let kid = header.kid.unwrap();
            let key = DecodingKey::from_jwk(jwks.find(&kid).expect("a published key")).unwrap();
            let mut validation = Validation::new(algorithm);
            validation.set_audience(&[audience]);
            validation.set_issuer(&["http://127.0.0.1:8080"]);
            validation.validate_exp = false;
            decode::<Value>(text(token), &key, &validation).unwrap();
            let pem = app.get(&format!("/.well-known/keys/{kid}.pem")).await;
            let key = match algorithm {
                Algorithm::RS256 => DecodingKey::from_rsa_pem(&pem.body),
                Algorithm::ES256 => DecodingKey::from_ec_pem(&pem.body),
                _ => DecodingKey::from_ed_pem(&pem.body),
            };
            decode::<Value>(text(token), &key.unwrap(), &validation).unwrap();
        }
    }
    assert_eq!(app.get("/.well-known/keys/nothing.pem").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_never_outlives_what_it_says() {
    let app = signed_in().await;
    assign(&app, "pro", Some(TimeDelta::milliseconds(90_500))).await;
    let pro = tokens(&app, &[]).await;
    assert_eq!(pro["expires_in"], 90);
    let access = claims(&pro["access_token"]);
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 90);
    assert_eq!(access["plan"], "pro");

    app.clock.advance(TimeDelta::seconds(70));
    let short = refresh(&app, "web", text(&pro["refresh_token"])).await.json();
    assert_eq!(short["expires_in"], 20);
    let id = claims(&short["id_token"]);
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 60);
    assert_eq!(id.get("nonce"), None);

    // Half a second before the end no token could say so any more: this one states what follows.
    app.clock.advance(TimeDelta::milliseconds(20_200));
    let after = refresh(&app, "web", text(&short["refresh_token"])).await.json();
    assert_eq!(claims(&after["access_token"]).get("plan"), None);
    assert_eq!(after["expires_in"], 3600);
    app.clock.advance(TimeDelta::seconds(1));
    let ended = refresh(&app, "web", text(&after["refresh_token"])).await.json();
    assert_eq!(claims(&ended["access_token"])["features"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_test_clock_is_ahead_tokens_end_in_real_time() {
    let app = signed_in().await;
    let (application, user) = who(&app).await;
    let settings = SettingsPatch { provider: Some(Provider::Sandbox), ..Default::default() };
    app.services.applications().update(&Ctx::operator(), application, settings.into()).await.unwrap();
    let ahead = TimeDelta::hours(40 * 24 - 1);
    assign(&app, "pro", Some(ahead + TimeDelta::minutes(30))).await;
    app.services.clocks().advance(&Ctx::operator(), application, ClockStep::parse("959h").unwrap()).await.unwrap();

    let (now, said) = (app.services.now(), tokens(&app, &[]).await);
    assert_eq!(app.services.billing_now(application) - now, ahead);
    assert_eq!(said["expires_in"], 1800);
    for token in ["access_token", "id_token"] {
        let claims = claims(&said[token]);
        assert_eq!((&claims["plan"], &claims["iat"]), (&json!("pro"), &json!(now.timestamp())), "{token}");
        assert_eq!(claims["exp"], now.timestamp() + 1800, "{token}");
    }
    let path = format!("/api/platform/entitlements/{user}");
    let held = app.request(Method::GET, &path).basic("web", SECRET).send().await.json();
    let until: DateTime<Utc> = text(&held["valid_until"]).parse().unwrap();
    assert_eq!(until, now + TimeDelta::minutes(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_token_carries_the_new_plan() {
    let app = signed_in().await;
    let first = tokens(&app, &[]).await;
    let before = claims(&first["access_token"]);
    assert_eq!(before["plan"], "free");
    let (application, user) = who(&app).await;
    app.services.claims().merge(&Ctx::operator(), application, user, json!({"plan": "pro"})).await.unwrap();
    let second = refresh(&app, "web", text(&first["refresh_token"])).await.json();
    let after = claims(&second["access_token"]);
    assert_eq!(after["plan"], "pro");
    assert!(after["ent_ver"].as_i64() > before["ent_ver"].as_i64());
    assert_eq!(claims(&second["id_token"])["features"]["exportEnabled"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_bring_the_standard_claims() {
    let app = signed_in().await;
    let info = async |scope: &str| {
        let tokens = tokens(&app, &[("scope", scope)]).await;
        userinfo(&app, text(&tokens["access_token"])).await.json()
    };
    let profile = info("openid profile").await;
    for (claim, value) in [
        ("name", json!("Example user")),
        ("given_name", json!("Example")),
        ("family_name", json!("User")),
        ("birthdate", json!("1990-12-31")),
        ("zoneinfo", json!("Asia/Jakarta")),
        ("updated_at", json!(1_795_219_200)),
    ] {
        assert_eq!(profile[claim], value, "{claim}");
    }
    for absent in ["email", "phone_number", "address", "nickname"] {
        assert_eq!(profile.get(absent), None, "{absent}");
    }
    let phone = info("openid phone").await;
    assert_eq!((&phone["phone_number"], &phone["phone_number_verified"]), (&json!("+6281234567890"), &json!(false)));
    let address = info("openid address").await;
    assert_eq!(address["address"], json!({"street_address": "Jl. Braga 1", "locality": "Bandung"}));
    assert_eq!(address.get("given_name"), None);
    // An address of which nothing is known is none.
    let profile = Profile { address: Some(Address::default()), ..Profile::default() };
    let patch = UserPatch { profile: Some(profile), ..UserPatch::default() };
    let (_, user) = who(&app).await;
    app.services.admin_users().update(&Ctx::operator(), user, patch).await.unwrap();
    assert_eq!(info("openid address").await.get("address"), None);
}

/// Changes what the application allows its clients.
async fn allow(app: &TestApp, scopes: &str) {
    let patch = SettingsPatch { allowed_scopes: Some(ScopeSet::parse(scopes)), ..Default::default() };
    let application = app.application("acme");
    app.services.applications().update(&Ctx::operator(), application, patch.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_taken_away_is_neither_granted_nor_told() {
    let app = signed_in().await;
    let before = tokens(&app, &[]).await;
    let (one, other) = (acme::code(&app, &[]).await, acme::code(&app, &[]).await);
    allow(&app, "openid profile").await;
    let told = userinfo(&app, text(&before["access_token"])).await.json();
    assert_eq!((&told["name"], told.get("email")), (&json!("Example user"), None));
    let after = redeem(&app, "web", &one).await.json();
    assert_eq!((&after["scope"], after.get("refresh_token")), (&json!("openid profile"), None));
    for token in ["access_token", "id_token"] {
        let said = claims(&after[token]);
        assert_eq!((&said["name"], said.get("email")), (&json!("Example user"), None), "{token}");
    }
    allow(&app, "address").await;
    let none = redeem(&app, "web", &other).await;
    assert_eq!((none.status, &none.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_scope")));
}

#[tokio::test(flavor = "multi_thread")]
async fn single_claims_come_where_they_were_asked_for() {
    let app = signed_in().await;
    let wish = r#"{"id_token":{"email":{"essential":true},"acr":{"values":["x"]}},"userinfo":{"given_name":null}}"#;
    let tokens = tokens(&app, &[("scope", "openid offline_access"), ("claims", wish)]).await;
    let info = async |token: &Value| userinfo(&app, text(token)).await.json();
    for answer in [&tokens, &refresh(&app, "web", text(&tokens["refresh_token"])).await.json()] {
        let id = claims(&answer["id_token"]);
        assert_eq!(
            (&id["email"], id.get("email_verified"), id.get("given_name")),
            (&json!("user@example.com"), None, None)
        );
        assert_eq!(claims(&answer["access_token"]).get("email"), None);
        let said = info(&answer["access_token"]).await;
        assert_eq!((&said["given_name"], said.get("email"), said.get("name")), (&json!("Example"), None, None));
    }
    // What the application no longer allows is no longer told.
    allow(&app, "openid offline_access").await;
    assert_eq!(info(&tokens["access_token"]).await.get("given_name"), None);
}
