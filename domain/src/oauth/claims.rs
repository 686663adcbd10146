//! What tokens and userinfo say about a user: the table of `product.md`, section 3.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::scope::{Scope, ScopeSet};
use crate::{billing::entitlement::Entitlement, identity::user::User};

/// Longest life of an access token, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 3600;
/// Shortest life of an id_token, in seconds, for clients whose clock is off.
pub const MIN_ID_TOKEN_SECONDS: i64 = 60;

/// What access token, id_token and userinfo have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserClaims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<&'a str>,
    pub features: &'a Map<String, Value>,
    pub claims: &'a Map<String, Value>,
    pub ent_ver: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'static str>,
}

impl<'a> UserClaims<'a> {
    /// What `scopes` let a client know; plan, features, claims and their number it always does.
    pub fn new(
        user: &'a User,
        entitlement: &'a Entitlement,
        roles: Vec<&'a str>,
        permissions: Vec<&'a str>,
        scopes: &ScopeSet,
    ) -> Self {
        let email = scopes.contains(Scope::Email);
        let profile = scopes.contains(Scope::Profile);
        Self {
            plan: entitlement.plan.as_ref().map(|key| key.as_str()),
            features: &entitlement.features,
            claims: &entitlement.claims,
            ent_ver: entitlement.ent_ver,
            roles: scopes.contains(Scope::Roles).then_some(roles),
            permissions: scopes.contains(Scope::Permissions).then_some(permissions),
            email: email.then(|| user.email.as_str()),
            email_verified: email.then_some(user.email_verified),
            name: user.name.as_ref().filter(|_| profile).map(|name| name.as_str()),
            locale: user.locale.filter(|_| profile).map(crate::Locale::tag),
        }
    }
}

/// The payload of an access token (RFC 9068, section 2.2).
#[derive(Clone, Debug, Serialize)]
pub struct AccessTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub client_id: &'a str,
    pub jti: &'a str,
    pub iat: i64,
    pub exp: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    /// Absent in the token of a client by itself.
    #[serde(flatten)]
    pub user: Option<&'a UserClaims<'a>>,
    /// The claims object again, where the client has the switch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_claims: Option<&'a Map<String, Value>>,
}

/// The payload of an id_token (OpenID Connect Core, section 2).
#[derive(Clone, Debug, Serialize)]
pub struct IdTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    pub at_hash: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    #[serde(flatten)]
    pub user: &'a UserClaims<'a>,
}

/// What userinfo answers (OpenID Connect Core, section 5.3.2).
#[derive(Clone, Debug, Serialize)]
pub struct UserInfo<'a> {
    pub sub: &'a str,
    #[serde(flatten)]
    pub user: &'a UserClaims<'a>,
}

/// What this server reads in an access token of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PresentedAccessToken {
    pub sub: String,
    pub client_id: String,
    pub jti: String,
    pub iat: i64,
    pub exp: i64,
    #[serde(default)]
    pub scope: String,
}

/// What this server reads in an id_token of its own that comes back as a hint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    pub sub: String,
    pub aud: String,
    #[serde(default)]
    pub sid: Option<String>,
}
