use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    application::SettingsPatch,
    id::{ApplicationId, UserId},
    identity::membership::MembershipStatus,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use service::{
    Ctx, billing::subscriptions::Assignment, crypto, identity::memberships::MembershipPatch,
    organization::NewOrganization,
};

use crate::{
    acme::{self, SECRET, claims, introspect, redeem, refresh, signed_in, start, token, tokens, userinfo},
    support::TestApp,
};

async fn assign(app: &TestApp, plan: &str, expires_in: Option<TimeDelta>) {
    let (application, user) = who(app).await;
    let plan_id = app.services.directory().by_slug("acme").unwrap().plan_by_key(plan).unwrap().id;
    let expires_at = expires_in.map(|time| app.services.now() + time);
    let assignment = Assignment { plan_id, expires_at, replace: true };
    app.services.subscriptions().assign(&Ctx::operator(), application, user, assignment).await.unwrap();
}

async fn who(app: &TestApp) -> (ApplicationId, UserId) {
    (acme::application(app, "acme"), acme::user(app, "user@example.com").await.id)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_what_the_contract_says() {
    let app = signed_in().await;
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

    let little = acme::tokens(&app, &[("scope", "openid"), ("client_id", "es")]).await;
    let access = claims(&little["access_token"]);
    for absent in ["email", "name", "roles", "permissions", "org_id"] {
        assert_eq!(access.get(absent), None, "{absent}");
    }
    assert_eq!(access["custom_claims"], access["claims"]);
    assert_eq!(little.get("refresh_token"), None);
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
            (&tokens["access_token"], "at+jwt", acme::application(&app, "acme").to_string()),
            (&tokens["id_token"], "JWT", client.to_owned()),
            (&machine["access_token"], "at+jwt", acme::application(&app, "acme").to_string()),
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

    let late = acme::code(&app, &[]).await;
    app.clock.advance(TimeDelta::seconds(60));
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
    let user = acme::user(&app, "user@example.com").await;
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
    let settings = SettingsPatch { resources: Some(Vec::new()), ..SettingsPatch::default() };
    app.services.applications().update(&Ctx::operator(), who(&app).await.0, settings.into()).await.unwrap();
    // One that was taken off the list gets no tokens, whenever it was granted.
    assert_eq!(refresh(&app, "web", text(&tokens["refresh_token"])).await.json()["error"], "invalid_target");
    assert_eq!(redeem(&app, "web", &code).await.json()["error"], "invalid_target");
    assert_eq!(machine("machine", api).await["error"], "invalid_target");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_prove_themselves() {
    let app = start().await;
    let post = || app.request(Method::POST, "/oauth2/token");
    let cc = ("grant_type", "client_credentials");
    for beyond in ["openid api", "api", "openid\topenid"] {
        let refused = token(&app, "machine", &[cc, ("scope", beyond)]).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_scope"))
        );
    }
    assert_eq!(token(&app, "machine", &[cc, ("scope", "")]).await.status, StatusCode::OK);
    let machine = token(&app, "machine", &[cc, ("scope", "openid")]).await;
    assert_eq!(machine.header("cache-control"), Some("no-store"));
    let said = claims(&machine.json()["access_token"]);
    assert_eq!(said["sub"], "machine");
    for absent in ["features", "claims", "plan", "scope", "sid"] {
        assert_eq!(said.get(absent), None, "{absent}");
    }
    let by_post = post().form(&[cc, ("client_id", "machine"), ("client_secret", SECRET)]).send().await;
    assert_eq!(by_post.status, StatusCode::OK);

    let twice = post().basic("machine", SECRET).form(&[cc, ("client_secret", SECRET)]).send().await;
    assert_eq!((twice.status, &twice.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    for wrong in [
        post().basic("machine", "wrong").form(&[cc]),
        post().basic("nobody", SECRET).form(&[cc]),
        post().header("authorization", "Bearer x").form(&[cc]),
        post().form(&[cc, ("client_id", "machine"), ("client_secret", "wrong")]),
        post().form(&[cc, ("client_id", "machine")]),
        post().form(&[cc]),
        post().form(&[cc, ("client_id", "spa"), ("client_secret", "x")]),
    ] {
        let answer = wrong.send().await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic"));
    }
    for (client, fields, error) in [
        ("machine", vec![("grant_type", "password")], "unsupported_grant_type"),
        ("machine", vec![], "invalid_request"),
        ("machine", vec![cc, cc], "invalid_request"),
        ("machine", vec![("grant_type", "refresh_token"), ("refresh_token", "rt_x")], "unauthorized_client"),
        ("spa", vec![cc], "unauthorized_client"),
        ("web", vec![("grant_type", "refresh_token"), ("refresh_token", "rt_x")], "invalid_grant"),
        ("web", vec![("grant_type", "refresh_token")], "invalid_request"),
    ] {
        let answer = token(&app, client, &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &json!(error)), "{fields:?}");
    }
    let json_body = post().basic("machine", SECRET).json(&json!({"grant_type": "client_credentials"})).send().await;
    assert_eq!(json_body.json()["error"], "invalid_request");
    assert_eq!(app.get("/oauth2/token").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_works_on_for_a_day() {
    let app = start().await;
    let application = acme::application(&app, "acme");
    let id = app.services.directory().client("machine").unwrap().client.id;
    let new = app.services.clients().rotate_secret(&Ctx::operator(), application, Some(id)).await.unwrap();
    let with = async |secret: &str| {
        let post = app.request(Method::POST, "/oauth2/token").basic("machine", secret);
        post.form(&[("grant_type", "client_credentials")]).send().await.status
    };
    assert_eq!((with(SECRET).await, with(new.expose()).await), (StatusCode::OK, StatusCode::OK));
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!((with(SECRET).await, with(new.expose()).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_takes_json_too() {
    let app = start().await;
    let body = json!({"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET});
    assert_eq!(app.post_json("/api/platform/token", &body).await.json()["token_type"], "Bearer");
    let fields = [("grant_type", "client_credentials"), ("client_id", "machine"), ("client_secret", SECRET)];
    assert_eq!(app.post_form("/api/platform/token", &fields).await.status, StatusCode::OK);
    let wrong = app.post_json("/api/platform/token", &json!({"grant_type": 1})).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    let wrong = app.post_json("/api/platform/token", &json!({"grant_type": "client_credentials"})).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
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
    let patch = domain::application::SettingsPatch {
        allowed_scopes: Some(domain::oauth::scope::ScopeSet::parse("openid offline_access")),
        ..Default::default()
    };
    let (application, _) = who(&app).await;
    app.services.applications().update(&Ctx::operator(), application, patch.into()).await.unwrap();
    assert_eq!(info(&tokens["access_token"]).await.get("given_name"), None);
}
