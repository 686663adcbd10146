//! Where a provider's endpoints are: its discovery document (OpenID Connect Discovery, section 4), fetched when it is
//! needed and kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Timestamp,
    identity::upstream::{SignInMethod, UpstreamKind},
    oauth::client_keys::{ClientKeys, ClientUri},
};
use oauth2::AuthType;
use serde::Deserialize;

use crate::{Services, outbound::Unreached};

/// A document serves this long; while its issuer is silent, it serves on.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// Documents that are kept at most; issuers are an admin's setting, so that there are few.
const MOST: usize = 10_000;

const PATH: &str = "/.well-known/openid-configuration";

/// Where a provider's endpoints are.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    pub authorize: ClientUri,
    pub token: ClientUri,
    pub auth: AuthType,
    pub source: Source,
}

/// Where it is said who somebody is.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// In an id_token that one of these keys signed.
    IdToken {
        keys: ClientKeys,
        userinfo: Option<ClientUri>,
        /// Answers of the authorization endpoint name the issuer (RFC 9207).
        names_itself: bool,
    },
    /// In GitHub's API, at this address.
    GitHub(String),
}

/// Why there are no endpoints.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undiscovered {
    #[error(transparent)]
    Unreached(#[from] Unreached),
    #[error("the discovery document cannot be read")]
    Malformed(#[source] serde_json::Error),
    #[error("the discovery document is of the issuer {0}")]
    OtherIssuer(String),
}

impl Undiscovered {
    /// As an admin reads it who set the issuer.
    pub fn problem(self) -> Problem {
        let (code, flaw) = match self {
            Self::Unreached(Unreached::Private) => (ErrorCode::ProviderNotConfigured, Flaw::PrivateAddress),
            Self::Unreached(Unreached::Silent(_)) => (ErrorCode::ProviderUnavailable, Flaw::Unreachable),
            Self::Unreached(Unreached::Status(500..)) => (ErrorCode::ProviderUnavailable, Flaw::Unreachable),
            Self::Unreached(Unreached::Status(_) | Unreached::TooLarge) | Self::Malformed(_) => {
                (ErrorCode::ProviderNotConfigured, Flaw::Discovery)
            }
            Self::OtherIssuer(says) => (ErrorCode::ProviderNotConfigured, Flaw::OtherIssuer { says }),
        };
        Problem { code, ..Problem::field("issuer", flaw) }
    }
}

/// What this server reads of a discovery document.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: ClientUri,
    token_endpoint: ClientUri,
    jwks_uri: ClientUri,
    #[serde(default)]
    userinfo_endpoint: Option<ClientUri>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl From<Document> for Endpoints {
    fn from(document: Document) -> Self {
        // Basic is the default, also of a document that does not say.
        let basic = document
            .token_endpoint_auth_methods_supported
            .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        Self {
            authorize: document.authorization_endpoint,
            token: document.token_endpoint,
            auth: if basic { AuthType::BasicAuth } else { AuthType::RequestBody },
            source: Source::IdToken {
                keys: ClientKeys::At(document.jwks_uri),
                userinfo: document.userinfo_endpoint,
                names_itself: document.authorization_response_iss_parameter_supported,
            },
        }
    }
}

/// The documents that this node knows, by issuer.
#[derive(Default)]
pub(crate) struct Documents(RwLock<HashMap<String, (Timestamp, Arc<Endpoints>)>>);

impl Documents {
    fn get(&self, issuer: &str) -> Option<(Timestamp, Arc<Endpoints>)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    fn put(&self, issuer: &str, now: Timestamp, endpoints: Arc<Endpoints>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(issuer) {
            all.clear();
        }
        all.insert(issuer.to_owned(), (now, endpoints));
    }
}

impl Services {
    /// The endpoints of a method's provider, as this node knows them.
    ///
    /// # Errors
    /// See [`Undiscovered`].
    pub(super) async fn discover(&self, method: &SignInMethod) -> Result<Arc<Endpoints>, Undiscovered> {
        let known = self.upstream.get(method.issuer.as_str());
        if let Some((fetched_at, endpoints)) = &known
            && self.now() < *fetched_at + FRESH
        {
            return Ok(endpoints.clone());
        }
        match (self.discover_anew(method).await, known) {
            (Err(Undiscovered::Unreached(error)), Some((_, old))) => {
                let issuer = method.issuer.as_str();
                tracing::warn!(issuer, error = &error as &dyn std::error::Error, "an old discovery document serves on");
                Ok(old)
            }
            (found, _) => found,
        }
    }

    /// As [`Self::discover`], always by asking.
    ///
    /// # Errors
    /// See [`Undiscovered`].
    pub(super) async fn discover_anew(&self, method: &SignInMethod) -> Result<Arc<Endpoints>, Undiscovered> {
        let issuer = method.issuer.as_str();
        let endpoints = match method.kind {
            UpstreamKind::GitHub => self.github()?,
            UpstreamKind::Google => {
                self.document(self.settings.google_url.as_deref().unwrap_or(issuer), issuer).await?
            }
            UpstreamKind::Oidc => self.document(issuer, issuer).await?,
        };
        let endpoints = Arc::new(endpoints);
        self.upstream.put(issuer, self.now(), endpoints.clone());
        Ok(endpoints)
    }

    async fn document(&self, base: &str, issuer: &str) -> Result<Endpoints, Undiscovered> {
        let body = self.fetch(&format!("{}{PATH}", base.trim_end_matches('/'))).await?;
        let document: Document = serde_json::from_slice(&body).map_err(Undiscovered::Malformed)?;
        if document.issuer != issuer {
            return Err(Undiscovered::OtherIssuer(document.issuer.chars().take(200).collect()));
        }
        Ok(document.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_of_this_internet() {
        let document = |token: &str, rest: &str| {
            let text = format!(
                r#"{{"issuer": "https://a.example", "authorization_endpoint": "https://a.example/auth",
                    "token_endpoint": "{token}", "jwks_uri": "https://a.example/jwks"{rest}}}"#
            );
            serde_json::from_str::<Document>(&text).map(Endpoints::from)
        };
        assert!(matches!(document("https://a.example/token", "").unwrap().auth, AuthType::BasicAuth));
        let post = r#", "token_endpoint_auth_methods_supported": ["client_secret_post", "none"]"#;
        assert!(matches!(document("https://a.example/token", post).unwrap().auth, AuthType::RequestBody));
        for bad in ["http://a.example/token", "file:///etc/passwd", "/token"] {
            assert!(document(bad, "").is_err(), "{bad}");
        }
    }
}
