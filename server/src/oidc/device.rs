//! `POST /oauth2/device_authorization` (RFC 8628, section 3.1).

use axum::{extract::State, http::HeaderMap, response::Response};
use service::Services;

use super::{Parameters, answer, token};
use crate::http::ctx::PeerAddress;

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let credentials = token::credentials(&headers, &parameters, address.as_deref());
    let begun = services.device_codes().begin(&credentials, parameters.get("scope"), parameters.get("resource")).await;
    match begun {
        Ok(device) => answer::json(&device),
        Err(failure) => answer::failure(&failure),
    }
}
