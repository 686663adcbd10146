//! `/oauth2/userinfo` (OpenID Connect Core, 5.3), with the token in the header or in the form of a POST (RFC 6750).

use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::Response,
};
use domain::oauth::error::{OAuthError, OAuthErrorCode};
use service::{
    Services,
    oauth::{Failure, PresentedProof},
};

use super::{Parameters, answer, token};
use crate::http::{authorization::Shown, challenge, ctx::PeerAddress};

/// GET, and HEAD.
pub async fn get(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    respond(&services, Shown::of(&headers), token::proof(&headers, method.as_str(), &uri, address.as_deref())).await
}

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    uri: Uri,
    headers: HeaderMap,
    parameters: Result<Parameters, Response>,
) -> Response {
    let proof = token::proof(&headers, "POST", &uri, address.as_deref());
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(refused) => return malformed(refused),
    };
    match parameters.get("access_token") {
        Some(_) if headers.contains_key(AUTHORIZATION) => {
            malformed(answer::error(&OAuthError::invalid_request("the access token is given twice")))
        }
        Some(form) => respond(&services, Some(Shown::Bearer(form)), proof).await,
        None => respond(&services, Shown::of(&headers), proof).await,
    }
}

/// A token may be shown in two ways (RFC 6750, section 2; RFC 9449, section 7.1).
async fn respond(services: &Services, shown: Option<Shown<'_>>, proof: Option<PresentedProof<'_>>) -> Response {
    let (token, proof) = match (shown, proof) {
        (None | Some(Shown::Other(_)), _) => return unauthenticated(),
        (Some(Shown::Bearer(token)), _) => (token, None),
        (Some(Shown::Dpop(token)), Some(proof)) => (token, Some(proof)),
        (Some(Shown::Dpop(_)), None) => {
            return refuse_bound(&OAuthError::new(OAuthErrorCode::InvalidDpopProof, "the proof is missing"));
        }
    };
    match services.access_tokens().userinfo(token, proof.as_ref()).await {
        Ok(claims) => answer::json(&claims),
        Err(Failure::Refused(error)) if proof.is_some() => refuse_bound(&error),
        Err(failure) => or_bound(answer::failure(&failure)),
    }
}

/// The answer to a request in which no token can be read, with its challenges (RFC 6750, section 3.1).
fn malformed(mut response: Response) -> Response {
    let challenge = HeaderValue::from_static("Bearer realm=\"turnpike\", error=\"invalid_request\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    or_bound(response)
}

/// Where a challenge is for a Bearer token: a token may also be bound to a key (RFC 9449, section 7.1).
fn or_bound(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let (true, Some(challenge)) = (headers.contains_key(WWW_AUTHENTICATE), answer::dpop_challenge(None)) {
        headers.append(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The answer to what came as `Authorization: DPoP` (RFC 9449, section 7.1). At a resource a bad proof is an access
/// token that is not shown as it should be.
fn refuse_bound(error: &OAuthError) -> Response {
    let mut response = match error.code {
        OAuthErrorCode::InvalidDpopProof => answer::with_status(StatusCode::UNAUTHORIZED, error),
        _ => answer::error(error),
    };
    if let Some(challenge) = answer::dpop_challenge(Some(error.code)) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Without any token the challenges name no error (RFC 6750, section 3.1; RFC 9449, section 7.2).
fn unauthenticated() -> Response {
    let mut response = answer::error(&OAuthError::new(OAuthErrorCode::InvalidToken, "the access token is missing"));
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge::BEARER);
    or_bound(response)
}
