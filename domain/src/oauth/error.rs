//! Errors as OAuth 2 and OpenID Connect spell them (RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6).

use std::borrow::Cow;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// An error code of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum OAuthErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl OAuthErrorCode {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    InvalidRequest "invalid_request";
    InvalidClient "invalid_client";
    InvalidGrant "invalid_grant";
    UnauthorizedClient "unauthorized_client";
    UnsupportedGrantType "unsupported_grant_type";
    UnsupportedResponseType "unsupported_response_type";
    InvalidScope "invalid_scope";
    AccessDenied "access_denied";
    ServerError "server_error";
    /// RFC 8707, section 2.
    InvalidTarget "invalid_target";
    LoginRequired "login_required";
    ConsentRequired "consent_required";
    InteractionRequired "interaction_required";
    /// OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
    UnmetAuthenticationRequirements "unmet_authentication_requirements";
    RequestNotSupported "request_not_supported";
    RequestUriNotSupported "request_uri_not_supported";
    RegistrationNotSupported "registration_not_supported";
    /// RFC 6749, section 4.1.2.1. The list for the other endpoints (section 5.2) has no word for too many requests; the
    /// status has one (RFC 6585, section 4).
    TemporarilyUnavailable "temporarily_unavailable";
    /// RFC 6750, section 3.1.
    InvalidToken "invalid_token";
    /// RFC 6750, section 3.1.
    InsufficientScope "insufficient_scope";
    /// RFC 7591, section 3.2.2.
    InvalidRedirectUri "invalid_redirect_uri";
    /// RFC 7591, section 3.2.2.
    InvalidClientMetadata "invalid_client_metadata";
    /// RFC 9449, section 5.
    InvalidDpopProof "invalid_dpop_proof";
    /// RFC 8628, section 3.5.
    AuthorizationPending "authorization_pending";
    /// RFC 8628, section 3.5.
    SlowDown "slow_down";
    /// RFC 8628, section 3.5.
    ExpiredToken "expired_token";
}

impl OAuthErrorCode {
    /// The HTTP status where the error answers a request directly.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope => 403,
            Self::TemporarilyUnavailable => 429,
            Self::ServerError => 500,
            _ => 400,
        }
    }
}

impl Serialize for OAuthErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An error of the protocol with a sentence for the developer of the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    #[serde(rename = "error")]
    pub code: OAuthErrorCode,
    #[serde(rename = "error_description")]
    pub description: Cow<'static, str>,
}

impl OAuthError {
    pub fn new(code: OAuthErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }

    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidRequest, description)
    }

    pub fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidGrant, description)
    }

    pub fn too_many_requests() -> Self {
        Self::new(OAuthErrorCode::TemporarilyUnavailable, "too many requests; try again later")
    }

    pub fn invalid_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(OAuthErrorCode::InvalidClient, description)
    }
}
