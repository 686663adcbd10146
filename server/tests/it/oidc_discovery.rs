//! The discovery document (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2), whole.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    acme::{CALLBACK, authorize, redeem, signed_in, start, token},
    support::here,
};

const ISSUER: &str = "http://127.0.0.1:8080";

/// The members that name an address: the path, and the method that answers there.
const ADDRESSES: [(&str, &str, Method); 10] = [
    ("authorization_endpoint", "/oauth2/authorize", Method::GET),
    ("token_endpoint", "/oauth2/token", Method::POST),
    ("userinfo_endpoint", "/oauth2/userinfo", Method::GET),
    ("jwks_uri", "/.well-known/jwks.json", Method::GET),
    ("registration_endpoint", "/oauth2/register", Method::POST),
    ("pushed_authorization_request_endpoint", "/oauth2/par", Method::POST),
    ("device_authorization_endpoint", "/oauth2/device_authorization", Method::POST),
    ("introspection_endpoint", "/oauth2/introspect", Method::POST),
    ("revocation_endpoint", "/oauth2/revoke", Method::POST),
    ("end_session_endpoint", "/oauth2/logout", Method::GET),
];

/// The members that name no address.
fn properties() -> BTreeMap<String, Value> {
    let client_auth = json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]);
    let client_algs = json!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]);
    let grants =
        ["authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"];
    let acr = ["urn:turnpike:acr:single-factor", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"];
    let scopes = ["openid", "profile", "email", "address", "phone", "offline_access", "roles", "permissions", "org"];
    let of_the_token = "iss sub aud exp iat auth_time nonce at_hash sid acr amr";
    let of_the_user = "name given_name family_name middle_name nickname preferred_username profile picture website \
        gender birthdate zoneinfo locale updated_at email email_verified address phone_number phone_number_verified \
        roles permissions org_id";
    let of_the_plan = "plan features claims ent_ver";
    let claims: Vec<_> = [of_the_token, of_the_user, of_the_plan].into_iter().flat_map(str::split_whitespace).collect();
    let pairs = [
        ("issuer", json!(ISSUER)),
        ("require_pushed_authorization_requests", json!(false)),
        ("backchannel_logout_supported", json!(true)),
        ("backchannel_logout_session_supported", json!(true)),
        ("scopes_supported", json!(scopes)),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("grant_types_supported", json!(grants)),
        ("acr_values_supported", json!(acr)),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["RS256", "ES256", "EdDSA"])),
        ("token_endpoint_auth_methods_supported", client_auth.clone()),
        ("token_endpoint_auth_signing_alg_values_supported", client_algs.clone()),
        (
            "introspection_endpoint_auth_methods_supported",
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt"]),
        ),
        ("introspection_endpoint_auth_signing_alg_values_supported", client_algs.clone()),
        ("revocation_endpoint_auth_methods_supported", client_auth),
        ("revocation_endpoint_auth_signing_alg_values_supported", client_algs.clone()),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("prompt_values_supported", json!(["none", "login", "consent", "select_account", "select_plan"])),
        ("claim_types_supported", json!(["normal"])),
        ("claims_supported", json!(claims)),
        ("ui_locales_supported", json!(["en", "id"])),
        ("display_values_supported", json!(["page"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("claims_parameter_supported", json!(true)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("require_request_uri_registration", json!(false)),
        ("dpop_signing_alg_values_supported", client_algs),
        ("tls_client_certificate_bound_access_tokens", json!(false)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_says_what_the_server_does() {
    let app = start().await;
    let answer = app.get("/.well-known/openid-configuration").await;
    let oauth = app.get("/.well-known/oauth-authorization-server").await;
    assert_eq!((&answer.body, answer.header("etag")), (&oauth.body, oauth.header("etag")), "it is one document");
    let mut expected = properties();
    expected.extend(ADDRESSES.map(|(name, path, _)| (name.to_owned(), json!(format!("{ISSUER}{path}")))));
    let said: BTreeMap<String, Value> = serde_json::from_value(answer.json()).unwrap();
    for (name, value) in &expected {
        assert_eq!(said.get(name), Some(value), "{name}");
    }
    let unexpected: Vec<_> = said.keys().filter(|name| !expected.contains_key(*name)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");

    for (name, _, method) in ADDRESSES {
        let path = here(said[name].as_str().unwrap());
        let status = app.request(method.clone(), &path).send().await.status;
        let nothing = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        assert!(!nothing.contains(&status) && !status.is_server_error(), "{name}: {method} {path} {status}");
    }
    // A grant that it names is known, and one that it does not name is not.
    let named = said["grant_types_supported"].as_array().unwrap();
    let others = [
        json!("password"),
        json!("implicit"),
        json!("urn:ietf:params:oauth:grant-type:jwt-bearer"),
        json!("urn:ietf:params:oauth:grant-type:token-exchange"),
    ];
    for (grant, known) in named.iter().map(|grant| (grant, true)).chain(others.iter().map(|grant| (grant, false))) {
        let answer = token(&app, "machine", &[("grant_type", grant.as_str().unwrap())]).await.json();
        assert_eq!(answer["error"] != "unsupported_grant_type", known, "{grant}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_comes_in_every_way_that_the_document_names() {
    let app = signed_in().await;
    let said = app.get("/.well-known/openid-configuration").await.json();
    for mode in said["response_modes_supported"].as_array().unwrap() {
        let mode = mode.as_str().unwrap();
        let answer = authorize(&app, &[("response_mode", mode)]).await;
        let code = match mode {
            "query" => {
                assert!(answer.location().is_some_and(|to| to.starts_with(CALLBACK)), "{}", answer.text());
                answer.location_param("code").expect("a code")
            }
            "form_post" => answer.hidden("code"),
            unknown => panic!("a way that this test does not know: {unknown}"),
        };
        let tokens = redeem(&app, "web", &code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{mode}: {}", tokens.text());
    }
}
