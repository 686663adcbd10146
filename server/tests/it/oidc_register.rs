//! Clients that register themselves (RFC 7591).

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::SettingsPatch,
    billing::ledger::Action,
    oauth::client::{ClientPatch, ClientSettings, ClientType, GrantType},
    page::PageRequest,
    text::Name,
};
use serde_json::{Value, json};
use service::{
    Ctx,
    application::{
        clients::{MOST, NewClient},
        registration_tokens::NewRegistrationToken,
    },
    audit::AuditFilter,
    db,
    testing::client_key::ClientKey,
};

use crate::{
    acme::{self, CALLBACK, VERIFIER, signed_in},
    admin_pages::password,
    oidc_clients::by_assertion,
    support::{Answer, TestApp},
};

/// An initial access token that holds for so many days.
pub async fn initial(app: &TestApp, days: i64) -> String {
    token(app, days, true).await
}

async fn token(app: &TestApp, days: i64, require_pkce: bool) -> String {
    let new = NewRegistrationToken { name: Name::parse("Partners").unwrap(), days, require_pkce };
    let tokens = app.services.registration_tokens();
    tokens.create(&Ctx::operator(), app.application("acme"), new).await.unwrap().1.expose().to_owned()
}

async fn register(app: &TestApp, token: &str, metadata: &Value) -> Answer {
    app.request(Method::POST, "/oauth2/register").bearer(token).json(metadata).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_client_signs_users_in_with_their_consent() {
    let app = signed_in().await;
    let token = initial(&app, 1).await;
    let metadata = json!({
        "redirect_uris": [CALLBACK], "client_name": "Partner", "grant_types": ["authorization_code", "refresh_token"],
        "id_token_signed_response_alg": "ES256", "unknown_member": { "a": 1 },
    });
    let answer = register(&app, &token, &metadata).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let client = answer.json();
    assert_eq!((&client["client_name"], &client["client_secret_expires_at"]), (&json!("Partner"), &json!(0)));
    assert_eq!(client.get("unknown_member"), None);
    assert_eq!(client["application_type"], "web");
    // A link that an app has claimed, and a scheme of its own (RFC 8252, section 7).
    let native = json!({ "redirect_uris": [CALLBACK, "com.example.app:/cb"], "application_type": "native" });
    assert_eq!(register(&app, &token, &native).await.json()["application_type"], "native");
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    assert!(secret.starts_with("sec_"));

    let page = acme::authorize(&app, &[("client_id", id), ("scope", "openid")]).await.location().unwrap().to_owned();
    assert!(page.starts_with("/consent?"), "{page}");
    assert!(app.get(&page).await.text().contains("Partner"));
    let answer = app.post_form(&page, &[("decision", "allow")]).await;
    let code = answer.location_param("code").expect("a code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = app.request(Method::POST, "/oauth2/token").basic(id, secret).form(&fields).send().await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    assert_eq!(
        jsonwebtoken::decode_header(tokens.json()["id_token"].as_str().unwrap()).unwrap().alg,
        jsonwebtoken::Algorithm::ES256
    );
}

/// The certification's suite registers clients and sends no challenge: an admin allows that with the token.
#[tokio::test(flavor = "multi_thread")]
async fn pkce_is_for_whoever_gives_the_token_to_say() {
    let app = signed_in().await;
    let (strict, lenient) = (initial(&app, 1).await, token(&app, 1, false).await);
    let asked = async |token: &str, method: &str| {
        let metadata = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method });
        let client = register(&app, token, &metadata).await.json();
        let id = client["client_id"].as_str().unwrap();
        let plain = [("client_id", id), ("scope", "openid"), ("code_challenge", ""), ("code_challenge_method", "")];
        acme::authorize(&app, &plain).await.location().unwrap().to_owned()
    };
    for (token, method) in [(&strict, "client_secret_basic"), (&strict, "none"), (&lenient, "none")] {
        let answer = asked(token, method).await;
        assert!(answer.starts_with(CALLBACK) && answer.contains("code_challenge+is+missing"), "{method}: {answer}");
    }
    let page = asked(&lenient, "client_secret_basic").await;
    assert!(page.starts_with("/consent?"), "{page}");
    assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_setting_lets_a_registered_client_skip_consent() {
    let app = signed_in().await;
    let token = initial(&app, 1).await;
    let client = register(&app, &token, &json!({ "redirect_uris": [CALLBACK] })).await.json();
    let id = client["client_id"].as_str().unwrap();
    let (ctx, application) = (Ctx::operator(), app.application("acme"));
    let settings = SettingsPatch { skip_consent: Some(true), ..SettingsPatch::default() };
    app.services.applications().update(&ctx, application, settings.into()).await.unwrap();
    let own = ClientPatch { skip_consent: Some(true), ..ClientPatch::default() };
    let row = app.services.directory().client(id).unwrap().client.id;
    app.services.clients().update(&ctx, application, row, own).await.unwrap();
    assert!(acme::authorize(&app, &[("client_id", "third")]).await.location_param("code").is_some());
    let asked = [("client_id", id), ("scope", "openid")];
    let page = acme::authorize(&app, &asked).await.location().unwrap().to_owned();
    assert!(page.starts_with("/consent?"), "{page}");
    // Who is asked reads that nobody here vouches for it, where the answer goes, and how to be somebody else.
    let shown = app.get(&page).await.text().to_owned();
    assert!(shown.contains("What you allow goes to") && shown.contains(">app.example<"), "{shown}");
    assert!(shown.contains(&format!("href=\"{}\"", page.replace("/consent?", "/sign-in?"))), "{shown}");
    let silent = acme::authorize(&app, &[asked[0], asked[1], ("prompt", "none")]).await;
    assert_eq!(silent.location_param("error").as_deref(), Some("consent_required"));
    assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some());
    let more = acme::authorize(&app, &[("client_id", id), ("scope", "openid email")]).await;
    assert!(more.location().unwrap().starts_with("/consent?"), "what was allowed is all that it has");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_to_strangers_ends_with_the_password() {
    let app = signed_in().await;
    let (user, operator) = (app.user("user@example.com").await, Ctx::operator());
    let token = initial(&app, 1).await;
    let client = register(&app, &token, &json!({ "redirect_uris": [CALLBACK] })).await.json();
    let id = client["client_id"].as_str().unwrap();
    let ask = async |id: &str| {
        acme::authorize(&app, &[("client_id", id), ("scope", "openid")]).await.location().unwrap().to_owned()
    };
    let allow = async |id: &str| {
        let page = ask(id).await;
        assert!(page.starts_with("/consent?"), "{page}");
        assert!(app.post_form(&page, &[("decision", "allow")]).await.location_param("code").is_some());
        assert!(ask(id).await.starts_with(CALLBACK));
    };
    allow(id).await;
    allow("third").await;
    app.services.users().reset_password(&operator, &user.email, password()).await.unwrap();
    app.sign_in(&user).await;
    assert!(ask("third").await.starts_with(CALLBACK), "an admin made it");
    allow(id).await;
    app.services.admin_users().disable(&operator, user.id).await.unwrap();
    app.services.admin_users().enable(&operator, user.id).await.unwrap();
    app.sign_in(&user).await;
    allow(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_clients_and_those_with_keys_have_no_secret() {
    let app = signed_in().await;
    let token = initial(&app, 1).await;
    let public = json!({ "redirect_uris": ["https://spa.example/"], "token_endpoint_auth_method": "none" });
    let public = register(&app, &token, &public).await.json();
    assert_eq!((public.get("client_secret"), &public["token_endpoint_auth_method"]), (None, &json!("none")));
    for method in ["client_secret_basic", "client_secret_post"] {
        let metadata = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method });
        assert_eq!(register(&app, &token, &metadata).await.json()["token_endpoint_auth_method"], method);
    }
    let key = ClientKey::new("k");
    let signer = json!({
        "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": [key.jwk()] }, "dpop_bound_access_tokens": false,
    });
    let answer = register(&app, &token, &signer).await;
    let signer = answer.json();
    assert_eq!((answer.status, signer.get("client_secret")), (StatusCode::CREATED, None));
    assert_eq!(signer["jwks"]["keys"][0]["kid"], "k");
    let id = signer["client_id"].as_str().unwrap();
    let now = app.services.now().timestamp();
    let claims = json!({ "iss": id, "sub": id, "aud": "http://127.0.0.1:8080", "jti": "1", "exp": now + 60 });
    let fields = [("grant_type", "authorization_code"), ("code", "none")];
    let known = by_assertion(&app, "/oauth2/token", &key.sign(&claims), &fields).await;
    assert_ne!(known.json()["error"], "invalid_client", "its key proves it: {}", known.text());

    // By the algorithm that it has registered, and by no other.
    for (alg, error) in [("ES256", "invalid_grant"), ("EdDSA", "invalid_client")] {
        let signer = json!({
            "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": alg, "jwks": { "keys": [key.jwk()] },
        });
        let signer = register(&app, &token, &signer).await.json();
        assert_eq!(signer["token_endpoint_auth_signing_alg"], alg);
        let id = signer["client_id"].as_str().unwrap();
        let claims = json!({ "iss": id, "sub": id, "aud": "http://127.0.0.1:8080", "jti": alg, "exp": now + 60 });
        let answer = by_assertion(&app, "/oauth2/token", &key.sign(&claims), &fields).await;
        assert_eq!(answer.json()["error"], error, "{alg}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_client_gets_no_tokens_in_its_own_name() {
    let app = signed_in().await;
    let token = initial(&app, 1).await;
    for grants in [json!(["client_credentials"]), json!(["authorization_code", "client_credentials"])] {
        let answer = register(&app, &token, &json!({ "redirect_uris": [CALLBACK], "grant_types": grants })).await;
        let said = (answer.status, answer.json()["error"].clone());
        assert_eq!(said, (StatusCode::BAD_REQUEST, json!("invalid_client_metadata")), "{grants}");
    }
    // One that registered when that was allowed, or got the grant from an admin.
    let client = register(&app, &token, &json!({ "redirect_uris": [CALLBACK] })).await.json();
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let row = app.services.directory().client(id).unwrap().client.id;
    let grants = ClientPatch { grants: Some(GrantType::ALL.into()), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), app.application("acme"), row, grants).await.unwrap();
    assert!(
        app.services.directory().client(id).unwrap().client.settings.grants.contains(&GrantType::ClientCredentials)
    );
    let fields = [("grant_type", "client_credentials")];
    let refused = app.request(Method::POST, "/oauth2/token").basic(id, secret).form(&fields).send().await;
    let said = (refused.status, refused.json()["error"].clone());
    assert_eq!(said, (StatusCode::BAD_REQUEST, json!("unauthorized_client")), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_registers_without_a_token_that_holds() {
    let app = signed_in().await;
    let token = initial(&app, 2).await;
    let good = json!({ "redirect_uris": [CALLBACK] });
    let access = acme::tokens(&app, &[]).await["access_token"].as_str().unwrap().to_owned();
    let anonymous = app.post_json("/oauth2/register", &good).await;
    assert_eq!((anonymous.status, &anonymous.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_token")));
    for wrong in ["reg_wrong", "", &access, &token[..token.len() - 1]] {
        let answer = register(&app, wrong, &good).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
    for (metadata, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://app.example/"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [CALLBACK], "grant_types": ["password"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": 3 }), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
    ] {
        let answer = register(&app, &token, &metadata).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &json!(error)), "{metadata}");
    }
    let application = app.application("acme");
    let listed = app.services.registration_tokens().list(&Ctx::operator(), application).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(register(&app, &token, &good).await.status, StatusCode::CREATED);
    let filter = AuditFilter { action: Some(Action::ClientCreated), ..AuditFilter::default() };
    let page = PageRequest::parse(None, Some("1")).unwrap();
    let logged = app.services.audit().list(&Ctx::operator(), filter, &page).await.unwrap();
    let why = format!("registration token {}", listed[0].id);
    assert_eq!(logged.items[0].reason.as_deref(), Some(why.as_str()), "by whose leave");
    app.services.registration_tokens().delete(&Ctx::operator(), application, listed[0].id).await.unwrap();
    assert_eq!(register(&app, &token, &good).await.status, StatusCode::UNAUTHORIZED);
    let short = initial(&app, 1).await;
    assert_eq!(register(&app, &short, &good).await.status, StatusCode::CREATED);
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(register(&app, &short, &good).await.status, StatusCode::UNAUTHORIZED);
}

/// What registered before clients knew it is known from the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn clients_of_before_are_told_by_the_ledger() {
    let app = signed_in().await;
    let token = initial(&app, 1).await;
    let client = register(&app, &token, &json!({ "redirect_uris": [CALLBACK] })).await.json();
    let id = client["client_id"].as_str().unwrap();
    let db = &app.services.db;
    let all = db::migrations(db).await.unwrap();
    let kept = all.iter().position(|(name, _)| name.ends_with("_registered_clients")).unwrap();
    db::roll_back(db, (all.len() - kept).try_into().unwrap()).await.unwrap();
    let directory = app.another_node().await.services.directory();
    let is_registered = |id: &str| directory.client(id).unwrap().client.is_registered;
    assert!(is_registered(id));
    assert!(!is_registered("web") && !is_registered("third"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_has_so_many_clients_and_no_more() {
    let app = signed_in().await;
    let (token, application) = (initial(&app, 1).await, app.application("acme"));
    let own = |app: &TestApp| {
        let directory = app.services.directory();
        directory.clients.values().filter(|entry| entry.client.application_id == application).count()
    };
    // All but one, as if they had come one by one.
    let settings = serde_json::to_string(&ClientSettings::new(Name::parse("Many").unwrap())).unwrap();
    let of = app.test.literal(application.get());
    let row = |n: usize| {
        let id = app.test.literal(uuid::Uuid::from_u128(n as u128));
        format!("({id}, {of}, 'many-{n}', 'public', '{settings}', FALSE, TRUE, 0)")
    };
    let rows: Vec<_> = (own(&app)..usize::try_from(MOST).unwrap() - 1).map(row).collect();
    let columns = "id, application_id, client_id, kind, settings, from_catalog, is_registered, created_at";
    app.test.execute(&format!("INSERT INTO clients ({columns}) VALUES {}", rows.join(", "))).await;
    let metadata = json!({ "redirect_uris": [CALLBACK] });
    assert_eq!(register(&app, &token, &metadata).await.status, StatusCode::CREATED);
    assert_eq!(own(&app), 1000);
    let answer = register(&app, &token, &metadata).await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_client_metadata")));
    let new = || NewClient {
        client_id: None,
        kind: ClientType::Public,
        settings: ClientSettings::new(Name::parse("One more").unwrap()),
    };
    let clients = app.services.clients();
    let refused = clients.create(&Ctx::operator(), application, new()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    // Where one goes there is room for one.
    let gone = app.services.directory().client("many-998").unwrap().client.id;
    clients.delete(&Ctx::operator(), application, gone).await.unwrap();
    clients.create(&Ctx::operator(), application, new()).await.unwrap();
}
