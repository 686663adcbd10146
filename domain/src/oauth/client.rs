//! OAuth clients (RFC 6749, section 2).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    addresses,
    client_keys::{ClientKeys, ClientUri},
    jwk::ClientAlg,
    redirect_uri::{RedirectUri, RedirectUris},
};
use crate::{
    Problem, Timestamp,
    flaw::{Alphabet, Flaw},
    id::{ApplicationId, ClientRowId},
    text::{Name, keyed, text},
};

text!(
    /// The public name of a client: 1 to 128 characters of letters, digits, `.`, `_`, `~` and `-`. Not in the form of a
    /// UUID with hyphens: in a token of its own it is the `sub`, which must be no user's (RFC 9068, section 5).
    ClientId,
    |text| {
        if text.len() == Hyphenated::LENGTH && Uuid::try_parse(text).is_ok() {
            return Err("must not have the form of a UUID, which the ids of users have".into());
        }
        keyed(text, 128, Alphabet::Client)
    }
);

/// Whether the client can keep a secret (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientType {
    Confidential,
    Public,
}

impl ClientType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Confidential, Self::Public].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A grant type of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// RFC 8628.
    DeviceCode,
}

impl GrantType {
    pub const ALL: [Self; 4] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode];
    /// What a new client may use unless it says otherwise.
    const USUAL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
        }
    }

    /// Its name in the protocol: `grant_type`.
    pub const fn protocol_name(self) -> &'static str {
        match self {
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            other => other.as_str(),
        }
    }

    /// The grant type that the protocol calls so.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.protocol_name() == text)
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// The algorithm that signs a client's tokens (RFC 7518, section 3.1; RFC 8037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningAlg {
    #[default]
    RS256,
    ES256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlg {
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDsa];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// # Errors
    /// `APP_001` on the field `idTokenAlg`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|alg| alg.as_str() == text)
            .ok_or_else(|| Problem::field("idTokenAlg", Flaw::OneOf("RS256, ES256, EdDSA".into())))
    }
}

/// What an admin can set on a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSettings {
    pub name: Name,
    pub redirect_uris: RedirectUris,
    pub post_logout_redirect_uris: RedirectUris,
    pub grants: BTreeSet<GrantType>,
    /// Refuses an authorization request without a challenge; always on for public clients.
    pub require_pkce: bool,
    pub skip_consent: bool,
    /// Signs its id_tokens and access tokens.
    pub id_token_alg: SigningAlg,
    /// Repeats the claims object as `custom_claims` in its tokens.
    pub custom_claims: bool,
    /// The keys by which it authenticates; with them no secret counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<ClientKeys>,
    /// The only algorithm of its assertions, where it has registered one (OpenID Connect Registration, 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion_alg: Option<ClientAlg>,
    /// Takes authorization requests only where the client pushed them (RFC 9126, section 6).
    #[serde(default)]
    pub require_pushed: bool,
    /// Its access tokens are bound to a key (RFC 9449); without a proof it gets none.
    #[serde(default)]
    pub dpop_bound: bool,
    /// Where it is told that a session of its user is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<ClientUri>,
}

impl ClientSettings {
    /// Whether a new client may have these.
    ///
    /// # Errors
    /// `APP_001` on the field with more than [`addresses::MOST`] addresses.
    pub fn check(&self) -> Result<(), Problem> {
        addresses::check("redirectUris", &self.redirect_uris.0)?;
        addresses::check("postLogoutRedirectUris", &self.post_logout_redirect_uris.0)
    }

    /// Whether a client of `kind` may have them instead of `before`: what it has already, it keeps.
    ///
    /// # Errors
    /// `APP_001` on the field `redirectUris` for a new one that [`RedirectUri::check`] refuses, on
    /// `backchannelLogoutUri` for `http` at a public client (Back-Channel Logout, 2.2).
    pub fn follow(&self, kind: ClientType, before: Option<&Self>) -> Result<(), Problem> {
        let had = |uri: &RedirectUri| before.is_some_and(|before| before.redirect_uris.has(uri.as_str()));
        for uri in self.redirect_uris.0.iter().filter(|uri| !had(uri)) {
            uri.check().map_err(|flaw| Problem::field("redirectUris", flaw.of(uri.as_str())))?;
        }
        let told_before = before.and_then(|before| before.backchannel_logout_uri.as_ref());
        let told = self.backchannel_logout_uri.as_ref().filter(|uri| told_before != Some(*uri));
        match kind {
            ClientType::Public if told.is_some_and(|uri| !uri.is_https()) => {
                Err(Problem::field("backchannelLogoutUri", Flaw::HttpsOfPublic))
            }
            _ => Ok(()),
        }
    }

    /// The settings of a new client.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            redirect_uris: RedirectUris::default(),
            post_logout_redirect_uris: RedirectUris::default(),
            grants: GrantType::USUAL.into(),
            require_pkce: true,
            skip_consent: false,
            id_token_alg: SigningAlg::default(),
            custom_claims: false,
            keys: None,
            assertion_alg: None,
            require_pushed: false,
            dpop_bound: false,
            backchannel_logout_uri: None,
        }
    }
}

/// A partial change of [`ClientSettings`]: `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPatch {
    pub name: Option<Name>,
    pub redirect_uris: Option<RedirectUris>,
    pub post_logout_redirect_uris: Option<RedirectUris>,
    pub grants: Option<BTreeSet<GrantType>>,
    pub require_pkce: Option<bool>,
    pub skip_consent: Option<bool>,
    pub id_token_alg: Option<SigningAlg>,
    pub custom_claims: Option<bool>,
    pub keys: Option<Option<ClientKeys>>,
    pub require_pushed: Option<bool>,
    pub dpop_bound: Option<bool>,
    pub backchannel_logout_uri: Option<Option<ClientUri>>,
}

impl ClientPatch {
    /// Whether a client may be changed to this.
    ///
    /// # Errors
    /// As [`ClientSettings::check`].
    pub fn check(&self) -> Result<(), Problem> {
        let count =
            |field, uris: &Option<RedirectUris>| uris.as_ref().map_or(Ok(()), |uris| addresses::check(field, &uris.0));
        count("redirectUris", &self.redirect_uris)?;
        count("postLogoutRedirectUris", &self.post_logout_redirect_uris)
    }

    /// `settings` after this change.
    pub fn apply(self, settings: &ClientSettings) -> ClientSettings {
        let old = settings.clone();
        ClientSettings {
            name: self.name.unwrap_or(old.name),
            redirect_uris: self.redirect_uris.unwrap_or(old.redirect_uris),
            post_logout_redirect_uris: self.post_logout_redirect_uris.unwrap_or(old.post_logout_redirect_uris),
            grants: self.grants.unwrap_or(old.grants),
            require_pkce: self.require_pkce.unwrap_or(old.require_pkce),
            skip_consent: self.skip_consent.unwrap_or(old.skip_consent),
            id_token_alg: self.id_token_alg.unwrap_or(old.id_token_alg),
            custom_claims: self.custom_claims.unwrap_or(old.custom_claims),
            // It speaks of these keys.
            assertion_alg: old.assertion_alg.filter(|_| self.keys.as_ref().is_none_or(|keys| *keys == old.keys)),
            keys: self.keys.unwrap_or(old.keys),
            require_pushed: self.require_pushed.unwrap_or(old.require_pushed),
            dpop_bound: self.dpop_bound.unwrap_or(old.dpop_bound),
            backchannel_logout_uri: self.backchannel_logout_uri.unwrap_or(old.backchannel_logout_uri),
        }
    }
}

/// An OAuth client of an application. Its secret's hash never leaves the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientRowId,
    pub application_id: ApplicationId,
    pub client_id: ClientId,
    pub kind: ClientType,
    pub settings: ClientSettings,
    /// It registered itself (RFC 7591): a stranger to whom nothing of the application belongs but its own grants.
    #[serde(default)]
    pub is_registered: bool,
    pub created_at: Timestamp,
}

impl Client {
    pub const fn is_public(&self) -> bool {
        matches!(self.kind, ClientType::Public)
    }

    /// How it authenticates at the token endpoint (OpenID Connect Core, 9).
    pub const fn auth_method(&self) -> &'static str {
        match (self.kind, &self.settings.keys) {
            (ClientType::Public, _) => "none",
            (ClientType::Confidential, Some(_)) => "private_key_jwt",
            (ClientType::Confidential, None) => "client_secret_basic",
        }
    }

    /// Whether it has a secret: it is confidential and shows no keys.
    pub const fn has_secret(&self) -> bool {
        !self.is_public() && self.settings.keys.is_none()
    }

    /// Whether an authorization request must carry a challenge (RFC 7636; RFC 9700, section 2.1.1).
    pub const fn requires_pkce(&self) -> bool {
        self.is_public() || self.settings.require_pkce
    }

    /// Whether it may use a grant. In its own name comes only who can prove it, and whom somebody here vouches for: an
    /// application takes what has a token of its own audience for one of its services.
    pub fn may(&self, grant: GrantType) -> bool {
        let is_stranger = self.is_public() || self.is_registered;
        self.settings.grants.contains(&grant) && !(grant == GrantType::ClientCredentials && is_stranger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_client_is_called_like_a_user() {
        for good in ["acme-web_1.~", "0192f0c12b7a7c3e9d415a6b7c8d9e0f", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0g"] {
            assert_eq!(ClientId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f", "0192F0C1-2B7A-7C3E-9D41-5A6B7C8D9E0F", "a b", ""] {
            assert!(ClientId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_client_keeps_the_addresses_that_it_has() {
        let with = |uris: &[&str]| {
            let uris = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
            ClientSettings { redirect_uris: RedirectUris(uris), ..ClientSettings::new(Name::parse("App").unwrap()) }
        };
        let (plain, stored) = ("https://app.example/cb", "https://app.example/cb?state=1");
        let kind = ClientType::Confidential;
        assert_eq!(with(&[plain]).follow(kind, None), Ok(()));
        assert_eq!(with(&[stored, plain]).follow(kind, Some(&with(&[stored]))), Ok(()));
        for before in [None, Some(&with(&[plain]))] {
            let problem = with(&[plain, stored]).follow(kind, before).unwrap_err();
            assert_eq!(problem.fields[0].field, "redirectUris");
        }
    }

    #[test]
    fn a_public_client_is_told_by_https() {
        let told = |uri: &str| ClientSettings {
            backchannel_logout_uri: Some(ClientUri::parse(uri).unwrap()),
            ..ClientSettings::new(Name::parse("App").unwrap())
        };
        let (near, far) = (told("http://127.0.0.1/bye"), told("https://app.example/bye"));
        assert_eq!(near.follow(ClientType::Confidential, None), Ok(()));
        assert_eq!(far.follow(ClientType::Public, None), Ok(()));
        assert_eq!(near.follow(ClientType::Public, Some(&near)), Ok(()), "it is stored");
        for before in [None, Some(&far)] {
            let problem = near.follow(ClientType::Public, before).unwrap_err();
            assert_eq!(problem.fields[0].field, "backchannelLogoutUri");
        }
    }

    #[test]
    fn the_algorithm_of_assertions_stays_with_its_keys() {
        let at = |uri: &str| Some(ClientKeys::At(ClientUri::parse(uri).unwrap()));
        let keys = at("https://app.example/jwks");
        let registered = ClientSettings {
            keys: keys.clone(),
            assertion_alg: Some(ClientAlg::Es256),
            ..ClientSettings::new(Name::parse("App").unwrap())
        };
        let after = |keys| ClientPatch { keys, ..ClientPatch::default() }.apply(&registered).assertion_alg;
        assert_eq!(after(None), Some(ClientAlg::Es256));
        assert_eq!(after(Some(keys)), Some(ClientAlg::Es256), "a form sends what it was shown");
        assert_eq!(after(Some(at("https://app.example/other"))), None);
        assert_eq!(after(Some(None)), None);
    }
}
