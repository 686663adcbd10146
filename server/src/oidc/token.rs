//! The token endpoint (RFC 6749, section 3.2), at `/oauth2/token` and at `/api/platform/token`.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, Uri, header::AUTHORIZATION},
    response::Response,
};
use service::{
    Services,
    oauth::{PresentedCredentials, PresentedProof, TokenRequest},
};

use super::{Parameters, answer};
use crate::http::{ctx::PeerAddress, sole::sole};

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    uri: Uri,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let request = TokenRequest {
        credentials: credentials(&headers, &parameters, address.as_deref()),
        grant_type: parameters.get("grant_type"),
        code: parameters.get("code"),
        redirect_uri: parameters.get("redirect_uri"),
        code_verifier: parameters.get("code_verifier"),
        refresh_token: parameters.get("refresh_token"),
        device_code: parameters.get("device_code"),
        scope: parameters.get("scope"),
        resource: parameters.get("resource"),
        dpop: proof(&headers, "POST", &uri, address.as_deref()),
    };
    match services.grants().token(&request).await {
        Ok(tokens) => answer::json(&tokens),
        Err(failure) => answer::failure(&failure),
    }
}

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The proof of a key that a request carries, and from where.
pub fn proof<'a>(
    headers: &'a HeaderMap,
    method: &'a str,
    uri: &'a Uri,
    address: Option<&'a str>,
) -> Option<PresentedProof<'a>> {
    Some(PresentedProof { text: sole(headers, DPOP)?, method, path: uri.path(), address })
}

/// How a client says who it is, and from where.
pub fn credentials<'a>(
    headers: &'a HeaderMap,
    parameters: &'a Parameters,
    address: Option<&'a str>,
) -> PresentedCredentials<'a> {
    PresentedCredentials {
        authorization: sole(headers, AUTHORIZATION),
        client_id: parameters.get("client_id"),
        client_secret: parameters.get("client_secret"),
        assertion_type: parameters.get("client_assertion_type"),
        assertion: parameters.get("client_assertion"),
        address,
    }
}
