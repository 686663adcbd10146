//! `POST /oauth2/par` (RFC 9126): an authorization request that the client sends itself.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use domain::oauth::authorize::RawParameters;
use service::Services;

use super::{Parameters, answer, token};
use crate::http::ctx::PeerAddress;

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let credentials = token::credentials(&headers, &parameters, address.as_deref());
    let raw = RawParameters::new(parameters.0.iter().map(|(name, value)| (name, value.as_str())));
    let proof = token::proof(&headers, "POST", &uri, address.as_deref());
    match services.authorize().push(&credentials, raw, proof.as_ref()).await {
        Ok(pushed) => answer::no_store((StatusCode::CREATED, Json(pushed)).into_response()),
        Err(failure) => answer::failure(&failure),
    }
}
