//! What tokens and userinfo say about a user: the table of `product.md`, section 3.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::claim::{Claim, ClaimSet};
use crate::{
    billing::entitlement::Entitlement,
    id::OrganizationId,
    identity::{
        profile::{Address, AddressPart},
        user::User,
    },
};

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
    pub org_id: Option<OrganizationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'static str>,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressClaim<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
}

/// OpenID Connect Core, 5.1.1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AddressClaim<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<&'a str>,
}

impl<'a> From<&'a Address> for AddressClaim<'a> {
    fn from(address: &'a Address) -> Self {
        let text = |part: &'a Option<AddressPart>| part.as_ref().map(AddressPart::as_str);
        Self {
            formatted: text(&address.formatted),
            street_address: text(&address.street_address),
            locality: text(&address.locality),
            region: text(&address.region),
            postal_code: text(&address.postal_code),
            country: text(&address.country),
        }
    }
}

impl<'a> UserClaims<'a> {
    /// What of `wanted` is known; plan, features, claims and their number are always told.
    pub fn new(
        user: &'a User,
        entitlement: &'a Entitlement,
        roles: Vec<&'a str>,
        permissions: Vec<&'a str>,
        wanted: ClaimSet,
    ) -> Self {
        let known = &user.profile;
        macro_rules! told {
            ($claim:ident, $value:expr) => {
                $value.as_ref().filter(|_| wanted.has(Claim::$claim)).map(|value| value.as_str())
            };
        }
        Self {
            plan: entitlement.plan.as_ref().map(|key| key.as_str()),
            features: &entitlement.features,
            claims: &entitlement.claims,
            ent_ver: entitlement.ent_ver,
            roles: wanted.has(Claim::Roles).then_some(roles),
            permissions: wanted.has(Claim::Permissions).then_some(permissions),
            org_id: user.organization.filter(|_| wanted.has(Claim::OrgId)),
            email: wanted.has(Claim::Email).then(|| user.email.as_str()),
            email_verified: wanted.has(Claim::EmailVerified).then_some(user.email_verified),
            name: told!(Name, user.name),
            given_name: told!(GivenName, known.given_name),
            family_name: told!(FamilyName, known.family_name),
            middle_name: told!(MiddleName, known.middle_name),
            nickname: told!(Nickname, known.nickname),
            preferred_username: told!(PreferredUsername, known.preferred_username),
            profile: told!(Profile, known.profile),
            picture: told!(Picture, known.picture),
            website: told!(Website, known.website),
            gender: told!(Gender, known.gender),
            birthdate: told!(Birthdate, known.birthdate),
            zoneinfo: told!(ZoneInfo, known.zone_info),
            locale: user.locale.filter(|_| wanted.has(Claim::Locale)).map(crate::Locale::tag),
            updated_at: wanted.has(Claim::UpdatedAt).then(|| user.updated_at.timestamp()),
            address: known
                .address
                .as_ref()
                .filter(|address| wanted.has(Claim::Address) && **address != Address::default())
                .map(AddressClaim::from),
            phone_number: told!(PhoneNumber, known.phone_number),
            phone_number_verified: (wanted.has(Claim::PhoneNumberVerified) && known.phone_number.is_some())
                .then_some(known.phone_number_verified),
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
    /// The key to which it is bound (RFC 9449, section 6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation<'a>>,
    /// The claims object again, where the client has the switch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_claims: Option<&'a Map<String, Value>>,
}

/// The thumbprint of a key, by which a token is bound to who has the key (RFC 7800, section 3).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Confirmation<'a> {
    pub jkt: &'a str,
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
    /// How surely the user is who they say; unknown of sign-ins before there were levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'static str>,
    /// What they proved (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<&'a str>,
    #[serde(flatten)]
    pub user: UserClaims<'a>,
}

/// How long a logout token lives, in seconds: it is sent at once, and made again for another attempt.
pub const LOGOUT_TOKEN_SECONDS: i64 = 120;

/// The payload of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4). It has no nonce.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutTokenClaims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub jti: &'a str,
    pub sid: &'a str,
    pub events: LogoutEvents,
}

/// The one event that makes it a logout token.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LogoutEvents {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: NoDetails,
}

#[derive(Clone, Debug, Default, Serialize)]
struct NoDetails {}

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
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub client_id: String,
    pub jti: String,
    pub iat: i64,
    pub exp: i64,
    #[serde(default)]
    pub scope: String,
    #[serde(default)]
    pub cnf: Option<PresentedConfirmation>,
}

/// The key to which an access token is bound.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PresentedConfirmation {
    pub jkt: String,
}

/// What this server reads in an id_token of its own that comes back as a hint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    #[serde(default)]
    pub sid: Option<String>,
}
