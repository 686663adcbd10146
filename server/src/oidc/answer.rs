//! Answers of the protocol's endpoints in JSON. Nobody may keep them (RFC 6749, section 5.1).

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use domain::oauth::{
    error::{OAuthError, OAuthErrorCode},
    jwk::ClientAlg,
    scope::Scope,
};
use serde::Serialize;
use service::oauth::Failure;

use crate::http::{challenge::Refused, error::status};

/// 200 with `body`.
pub fn json(body: &impl Serialize) -> Response {
    no_store(Json(body).into_response())
}

/// The protocol's error for a failure, and when to try again where it came too often; what went wrong inside is logged
/// and not told.
pub fn failure(failure: &Failure) -> Response {
    if let Some(seconds) = failure.retry_after() {
        let mut response = error(&failure.public());
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    if let Failure::Service(error) = failure {
        let source: &dyn std::error::Error = std::error::Error::source(error).unwrap_or(error);
        tracing::error!(error = source, "internal error");
    }
    error(&failure.public())
}

/// An error with the status that belongs to it.
pub fn error(error: &OAuthError) -> Response {
    with_status(status(error.code.status()), error)
}

/// An error with a status of its own.
pub fn with_status(status: StatusCode, error: &OAuthError) -> Response {
    let mut response = no_store((status, Json(error)).into_response());
    if let Some(challenge) = challenge(error) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// How to authenticate (RFC 6749, section 5.2; RFC 6750, section 3).
fn challenge(error: &OAuthError) -> Option<HeaderValue> {
    match error.code {
        OAuthErrorCode::InvalidClient => Some(HeaderValue::from_static("Basic realm=\"turnpike\"")),
        OAuthErrorCode::InvalidToken => Refused::Invalid.challenge(&error.description),
        // Of userinfo alone.
        OAuthErrorCode::InsufficientScope => Refused::Insufficient(Some(Scope::Openid)).challenge(&error.description),
        _ => None,
    }
}

/// How to show a token that is bound to a key, and what was wrong with it (RFC 9449, section 7.1).
pub fn dpop_challenge(error: Option<OAuthErrorCode>) -> Option<HeaderValue> {
    let error = error.map(|code| format!("error=\"{}\", ", code.as_str())).unwrap_or_default();
    let algs = ClientAlg::NAMES.join(" ");
    HeaderValue::from_str(&format!("DPoP realm=\"turnpike\", {error}algs=\"{algs}\"")).ok()
}

/// Forbids every cache to keep the answer.
pub fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
