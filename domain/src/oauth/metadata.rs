//! The discovery document (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2).

use serde_json::{Value, json};

use super::{
    acr::Acr,
    claim::Claim,
    client::{GrantType, SigningAlg},
    jwk::ClientAlg,
    prompt::Prompt,
    scope::Scope,
};
use crate::route;

/// The document of a server at `issuer`.
pub fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let confidential = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    let client_auth = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let client_algs = ClientAlg::NAMES;
    let own = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "acr", "amr"];
    let product = ["plan", "features", "claims", "ent_ver"];
    let claims: Vec<_> = own.into_iter().chain(Claim::ALL.iter().map(|claim| claim.as_str())).chain(product).collect();
    let algs = SigningAlg::ALL.map(SigningAlg::as_str);
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(route::AUTHORIZE),
        "token_endpoint": at(route::TOKEN),
        "userinfo_endpoint": at(route::USERINFO),
        "jwks_uri": at(route::JWKS),
        "registration_endpoint": at(route::REGISTER_CLIENT),
        "pushed_authorization_request_endpoint": at(route::PAR),
        "require_pushed_authorization_requests": false,
        "device_authorization_endpoint": at(route::DEVICE_AUTHORIZATION),
        "introspection_endpoint": at(route::INTROSPECT),
        "revocation_endpoint": at(route::REVOKE),
        "end_session_endpoint": at(route::LOGOUT),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": GrantType::ALL.map(GrantType::protocol_name),
        "acr_values_supported": Acr::ALL.map(Acr::as_str),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algs,
        "token_endpoint_auth_methods_supported": client_auth,
        "token_endpoint_auth_signing_alg_values_supported": client_algs,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": client_algs,
        "revocation_endpoint_auth_methods_supported": client_auth,
        "revocation_endpoint_auth_signing_alg_values_supported": client_algs,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": Prompt::ALL.map(Prompt::as_str),
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "ui_locales_supported": crate::Locale::ALL.map(crate::Locale::tag),
        "display_values_supported": ["page"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "dpop_signing_alg_values_supported": client_algs,
        "tls_client_certificate_bound_access_tokens": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_below_the_issuer() {
        let document = document("https://id.example");
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(value.as_str().unwrap().starts_with("https://id.example/"), "{name}");
            }
        }
        assert_eq!(document["id_token_signing_alg_values_supported"][0], "RS256");
    }
}
