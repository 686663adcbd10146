//! `POST /oauth2/introspect` (RFC 7662).

use axum::{extract::State, http::HeaderMap, response::Response};
use service::{Services, oauth::introspect::TokenQuery};

use super::{Parameters, answer, token};
use crate::http::ctx::PeerAddress;

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let credentials = token::credentials(&headers, &parameters, address.as_deref());
    let query = TokenQuery { credentials, token: parameters.get("token") };
    match services.grants().introspect(&query).await {
        Ok(claims) => answer::json(&claims),
        Err(failure) => answer::failure(&failure),
    }
}
