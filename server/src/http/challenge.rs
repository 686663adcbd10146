//! `WWW-Authenticate` of what an access token opens (RFC 6750, section 3).

use axum::http::HeaderValue;
use domain::oauth::{error::OAuthErrorCode, scope::Scope};

/// How to authenticate, for whoever has shown nothing: it names no error (RFC 6750, section 3.1).
pub const BEARER: HeaderValue = HeaderValue::from_static("Bearer realm=\"turnpike\"");

/// Why an access token that was shown opens nothing.
#[derive(Clone, Copy, Debug)]
pub enum Refused {
    /// It does not count, or whoever it speaks for may not come in.
    Invalid,
    /// It is good, but not for this; with the scope that it lacks, where a scope is all that is missing.
    Insufficient(Option<Scope>),
}

impl Refused {
    /// The challenge, with a sentence for the developer.
    pub fn challenge(self, description: &str) -> Option<HeaderValue> {
        let (code, scope) = match self {
            Self::Invalid => (OAuthErrorCode::InvalidToken, None),
            Self::Insufficient(scope) => (OAuthErrorCode::InsufficientScope, scope),
        };
        let (code, description) = (code.as_str(), description.replace(['"', '\\'], "'"));
        let scope = scope.map(|scope| format!(", scope=\"{}\"", scope.as_str())).unwrap_or_default();
        let text = format!("Bearer realm=\"turnpike\", error=\"{code}\", error_description=\"{description}\"{scope}");
        HeaderValue::from_str(&text).ok()
    }
}
