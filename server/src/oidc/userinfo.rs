//! `/oauth2/userinfo` (OpenID Connect Core, 5.3), with the token in the header or in the form of a POST (RFC 6750).

use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::Response,
};
use domain::oauth::error::{OAuthError, OAuthErrorCode};
use service::Services;

use super::{Parameters, answer};

pub async fn get(State(services): State<Services>, headers: HeaderMap) -> Response {
    respond(&services, bearer(&headers)).await
}

pub async fn post(State(services): State<Services>, headers: HeaderMap, parameters: Parameters) -> Response {
    match (bearer(&headers), parameters.get("access_token")) {
        (Some(_), Some(_)) => answer::error(&OAuthError::invalid_request("the access token is given twice")),
        (header, form) => respond(&services, header.or(form)).await,
    }
}

async fn respond(services: &Services, token: Option<&str>) -> Response {
    let Some(token) = token else { return unauthenticated() };
    match services.access_tokens().userinfo(token).await {
        Ok(claims) => answer::json(&claims),
        Err(failure) => answer::failure(&failure),
    }
}

/// Without any token the challenge names no error (RFC 6750, section 3.1).
fn unauthenticated() -> Response {
    let mut response = answer::error(&OAuthError::new(OAuthErrorCode::InvalidToken, "the access token is missing"));
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"turnpike\""));
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
