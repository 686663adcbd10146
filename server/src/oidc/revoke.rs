//! `POST /oauth2/revoke` (RFC 7009).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
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
    match services.grants().revoke_token(&query).await {
        Ok(()) => answer::no_store(StatusCode::OK.into_response()),
        Err(failure) => answer::failure(&failure),
    }
}
