//! Dynamic client registration (RFC 7591; OpenID Connect Dynamic Client Registration 1.0): from a client's metadata to
//! its settings, and back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    client::{Client, ClientSettings, ClientType, GrantType, SigningAlg},
    client_keys::{ClientKeys, ClientUri},
    error::{OAuthError, OAuthErrorCode as Code},
    jwk::{ClientAlg, Jwks},
    redirect_uri::{RedirectUri, RedirectUris},
};
use crate::{Flaw, text::Name};

/// Most addresses of one kind.
const MOST: usize = 20;
/// What a client is called that does not say.
const UNNAMED: &str = "Registered client";
/// What a client is that does not say (OpenID Connect Registration, 2).
const WEB: &str = "web";
const APPLICATION_TYPES: [&str; 2] = [WEB, "native"];

/// What a client says about itself. What this server does not know is left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    application_type: Option<String>,
    client_name: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    id_token_signed_response_alg: Option<String>,
    subject_type: Option<String>,
    backchannel_logout_uri: Option<String>,
    token_endpoint_auth_signing_alg: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
}

/// What the answer repeats of the metadata, and nobody keeps: nothing here goes by it.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// Whether the client means to send its secret in the form. It may, like any that has a secret.
    posts_secret: bool,
    application_type: Option<String>,
}

fn bad(description: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(Code::InvalidClientMetadata, description)
}

impl ClientMetadata {
    pub fn repeated(&self) -> Repeated {
        Repeated {
            posts_secret: self.token_endpoint_auth_method.as_deref() == Some("client_secret_post"),
            application_type: self.application_type.clone(),
        }
    }

    /// The client that it describes.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591, section 3.2.2).
    pub fn parse(self) -> Result<(ClientType, ClientSettings), OAuthError> {
        let name = Name::parse(self.client_name.as_deref().unwrap_or(UNNAMED));
        let mut settings = ClientSettings::new(name.map_err(|flaw| bad(format!("client_name {flaw}")))?);
        if self.jwks.is_some() && self.jwks_uri.is_some() {
            return Err(bad("jwks and jwks_uri must not both be there"));
        }
        // However it proves itself: who has shown one wants to know.
        if self.jwks.as_ref().is_some_and(Jwks::shows_private) {
            return Err(bad("jwks shows the private half of a key"));
        }
        let alg = self.token_endpoint_auth_signing_alg.as_deref();
        let alg =
            alg.map(|alg| ClientAlg::parse(alg).ok_or_else(|| bad("token_endpoint_auth_signing_alg is not supported")));
        settings.assertion_alg = alg.transpose()?;
        let kind = match self.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic") {
            "none" => ClientType::Public,
            "client_secret_basic" | "client_secret_post" => ClientType::Confidential,
            "private_key_jwt" => {
                settings.keys = Some(keys(self.jwks, self.jwks_uri)?);
                ClientType::Confidential
            }
            _ => return Err(bad("token_endpoint_auth_method is not supported")),
        };
        let grants = self.grant_types.unwrap_or_else(|| vec!["authorization_code".into()]);
        let grant = |text: &String| GrantType::named(text).ok_or_else(|| bad("a grant type is not supported"));
        settings.grants = grants.iter().map(grant).collect::<Result<_, _>>()?;
        if settings.grants.is_empty() {
            return Err(bad("grant_types must not be empty"));
        }
        // An application takes what has a token of its own audience for one of its services.
        if settings.grants.contains(&GrantType::ClientCredentials) {
            return Err(bad("a client that registers itself may not use client_credentials"));
        }
        if self.response_types.is_some_and(|types| types.iter().any(|kind| kind != "code")) {
            return Err(bad("the response type is code"));
        }
        if self.application_type.is_some_and(|kind| !APPLICATION_TYPES.contains(&kind.as_str())) {
            return Err(bad("the application type is web or native"));
        }
        if self.subject_type.is_some_and(|kind| kind != "public") {
            return Err(bad("the subject type is public"));
        }
        settings.redirect_uris = uris(&self.redirect_uris.unwrap_or_default(), Code::InvalidRedirectUri)?;
        if let Some(flaw) = settings.redirect_uris.0.iter().find_map(|uri| uri.check().err()) {
            return Err(OAuthError::new(Code::InvalidRedirectUri, format!("an address {flaw}")));
        }
        if settings.grants.contains(&GrantType::AuthorizationCode) && settings.redirect_uris.0.is_empty() {
            return Err(OAuthError::new(Code::InvalidRedirectUri, "redirect_uris is missing"));
        }
        settings.post_logout_redirect_uris =
            uris(&self.post_logout_redirect_uris.unwrap_or_default(), Code::InvalidClientMetadata)?;
        if let Some(alg) = self.id_token_signed_response_alg {
            let alg = SigningAlg::parse(&alg);
            settings.id_token_alg = alg.map_err(|_| bad("id_token_signed_response_alg is not supported"))?;
        }
        let logout = self.backchannel_logout_uri.as_deref().map(ClientUri::parse).transpose();
        settings.backchannel_logout_uri = logout.map_err(|flaw| bad(format!("backchannel_logout_uri {flaw}")))?;
        if kind == ClientType::Public && settings.backchannel_logout_uri.as_ref().is_some_and(|uri| !uri.is_https()) {
            return Err(bad(format!("backchannel_logout_uri {}", Flaw::HttpsOfPublic)));
        }
        settings.require_pushed = self.require_pushed_authorization_requests.unwrap_or_default();
        settings.dpop_bound = self.dpop_bound_access_tokens.unwrap_or_default();
        Ok((kind, settings))
    }
}

fn keys(jwks: Option<Value>, jwks_uri: Option<String>) -> Result<ClientKeys, OAuthError> {
    match (jwks, jwks_uri) {
        (Some(jwks), None) => Jwks::registered(&jwks).map(ClientKeys::Set).map_err(|flaw| bad(format!("jwks {flaw}"))),
        (None, Some(uri)) => ClientUri::parse(&uri).map(ClientKeys::At).map_err(|flaw| bad(format!("jwks_uri {flaw}"))),
        _ => Err(bad("private_key_jwt needs either jwks or jwks_uri")),
    }
}

fn uris(texts: &[String], code: Code) -> Result<RedirectUris, OAuthError> {
    if texts.len() > MOST {
        return Err(OAuthError::new(code, format!("at most {MOST} addresses of one kind")));
    }
    let parse =
        |text: &String| RedirectUri::parse(text).map_err(|flaw| OAuthError::new(code, format!("an address {flaw}")));
    Ok(RedirectUris(texts.iter().map(parse).collect::<Result<_, _>>()?))
}

/// The answer to a registration (RFC 7591, section 3.2.1), with the secret of a client that has one.
pub fn answer(client: &Client, secret: Option<&str>, repeated: &Repeated) -> Value {
    let settings = &client.settings;
    let uses_codes = settings.grants.contains(&GrantType::AuthorizationCode);
    let mut answer = json!({
        "client_id": client.client_id,
        "client_id_issued_at": client.created_at.timestamp(),
        "client_name": settings.name,
        "redirect_uris": settings.redirect_uris,
        "post_logout_redirect_uris": settings.post_logout_redirect_uris,
        "token_endpoint_auth_method": if repeated.posts_secret { "client_secret_post" } else { client.auth_method() },
        "grant_types": settings.grants.iter().map(|grant| grant.protocol_name()).collect::<Vec<_>>(),
        "response_types": if uses_codes { vec!["code"] } else { vec![] },
        "application_type": repeated.application_type.as_deref().unwrap_or(WEB),
        "id_token_signed_response_alg": settings.id_token_alg.as_str(),
        "subject_type": "public",
        "require_pushed_authorization_requests": settings.require_pushed,
        "dpop_bound_access_tokens": settings.dpop_bound,
    });
    if let Some(secret) = secret {
        answer["client_secret"] = secret.into();
        // Never.
        answer["client_secret_expires_at"] = 0.into();
    }
    if let Some(alg) = settings.assertion_alg {
        answer["token_endpoint_auth_signing_alg"] = alg.as_str().into();
    }
    match &settings.keys {
        Some(ClientKeys::Set(set)) => answer["jwks"] = json!(set),
        Some(ClientKeys::At(uri)) => answer["jwks_uri"] = json!(uri),
        None => {}
    }
    if let Some(uri) = &settings.backchannel_logout_uri {
        answer["backchannel_logout_uri"] = json!(uri);
        // Every logout token has `sid`.
        answer["backchannel_logout_session_required"] = true.into();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(metadata: Value) -> Result<(ClientType, ClientSettings), Code> {
        let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
        metadata.parse().map_err(|error| error.code)
    }

    #[test]
    fn defaults_are_those_of_the_specification() {
        let (kind, settings) = parse(json!({ "redirect_uris": ["https://app.example/cb"], "logo_uri": "x" })).unwrap();
        assert_eq!((kind, settings.name.as_str()), (ClientType::Confidential, UNNAMED));
        assert_eq!(settings.grants.iter().copied().collect::<Vec<_>>(), [GrantType::AuthorizationCode]);
        assert!(settings.require_pkce && !settings.skip_consent && settings.keys.is_none());
    }

    #[test]
    fn null_is_as_good_as_nothing() {
        let members = [
            "post_logout_redirect_uris",
            "token_endpoint_auth_method",
            "grant_types",
            "response_types",
            "application_type",
            "client_name",
            "jwks",
            "jwks_uri",
            "id_token_signed_response_alg",
            "subject_type",
            "backchannel_logout_uri",
            "token_endpoint_auth_signing_alg",
            "require_pushed_authorization_requests",
            "dpop_bound_access_tokens",
        ];
        let mut metadata = json!({ "redirect_uris": ["https://app.example/cb"] });
        let plain = parse(metadata.clone()).unwrap();
        for name in members {
            metadata[name] = Value::Null;
        }
        assert_eq!(parse(metadata).unwrap(), plain);
        assert_eq!(parse(json!({ "redirect_uris": null })).unwrap_err(), Code::InvalidRedirectUri);
    }

    #[test]
    fn keys_of_other_kinds_are_passed_over_and_private_ones_are_not() {
        let good = json!({ "kty": "EC", "crv": "P-256", "x": "a", "y": "b" });
        let other = json!({ "kty": "EC", "crv": "P-384", "x": "a", "y": "b" });
        let sealing = json!({ "kty": "OKP", "crv": "X25519", "x": "a", "use": "enc" });
        let private = json!({ "kty": "EC", "crv": "P-384", "x": "a", "y": "b", "d": "c" });
        let registered = |keys: &[&Value]| {
            let method = "private_key_jwt";
            let uris = ["https://app.example/cb"];
            parse(json!({ "redirect_uris": uris, "token_endpoint_auth_method": method, "jwks": { "keys": keys } }))
        };
        let Some(ClientKeys::Set(set)) = registered(&[&good, &other, &sealing]).unwrap().1.keys else {
            panic!("no set")
        };
        assert_eq!(set.keys.len(), 1);
        for keys in [vec![], vec![&other, &sealing], vec![&good, &private]] {
            assert_eq!(registered(&keys).unwrap_err(), Code::InvalidClientMetadata, "{keys:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let uri = json!(["https://app.example/cb"]);
        for (metadata, code) in [
            (json!({}), Code::InvalidRedirectUri),
            (json!({ "redirect_uris": ["http://app.example/cb"] }), Code::InvalidRedirectUri),
            (json!({ "redirect_uris": ["https://app.example/#x"] }), Code::InvalidRedirectUri),
            (json!({ "redirect_uris": vec!["https://a.example/"; 21] }), Code::InvalidRedirectUri),
            (json!({ "redirect_uris": ["https://app.example/cb?code=1"] }), Code::InvalidRedirectUri),
            (json!({ "redirect_uris": uri, "client_name": "" }), Code::InvalidClientMetadata),
            (json!({ "redirect_uris": uri, "grant_types": ["implicit"] }), Code::InvalidClientMetadata),
            (json!({ "redirect_uris": uri, "response_types": ["token"] }), Code::InvalidClientMetadata),
            (json!({ "redirect_uris": uri, "subject_type": "pairwise" }), Code::InvalidClientMetadata),
            (json!({ "redirect_uris": uri, "application_type": "browser" }), Code::InvalidClientMetadata),
            (json!({ "redirect_uris": uri, "id_token_signed_response_alg": "none" }), Code::InvalidClientMetadata),
            (
                json!({ "redirect_uris": uri, "token_endpoint_auth_method": "private_key_jwt" }),
                Code::InvalidClientMetadata,
            ),
            (
                json!({ "redirect_uris": uri, "token_endpoint_auth_method": "client_secret_jwt" }),
                Code::InvalidClientMetadata,
            ),
            (json!({ "redirect_uris": uri, "grant_types": [] }), Code::InvalidClientMetadata),
            (
                json!({ "redirect_uris": uri, "jwks": { "keys": [] }, "jwks_uri": "https://a.example/" }),
                Code::InvalidClientMetadata,
            ),
            (json!({ "redirect_uris": uri, "token_endpoint_auth_signing_alg": "ES512" }), Code::InvalidClientMetadata),
            (json!({ "grant_types": ["client_credentials"] }), Code::InvalidClientMetadata),
            (
                json!({ "redirect_uris": uri, "grant_types": ["authorization_code", "client_credentials"] }),
                Code::InvalidClientMetadata,
            ),
            (
                json!({ "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] }),
                Code::InvalidClientMetadata,
            ),
            (
                json!({ "redirect_uris": uri, "backchannel_logout_uri": "http://a.example/" }),
                Code::InvalidClientMetadata,
            ),
            (
                json!({
                    "redirect_uris": uri, "token_endpoint_auth_method": "none",
                    "backchannel_logout_uri": "http://127.0.0.1/bye",
                }),
                Code::InvalidClientMetadata,
            ),
        ] {
            assert_eq!(parse(metadata.clone()).unwrap_err(), code, "{metadata}");
        }
    }
}
