//! `POST /oauth2/register` (RFC 7591).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    oauth::{
        error::{OAuthError, OAuthErrorCode},
        registration::{self, ClientMetadata},
    },
};
use serde_json::{Map, Value};
use service::Services;

use super::answer;
use crate::http::{body, ctx::PeerAddress};

pub async fn post(
    State(services): State<Services>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let object: Option<Map<String, Value>> = serde_json::from_slice(&bytes).ok().filter(|_| body::is_json(&headers));
    let metadata = object.and_then(|object| serde_json::from_value::<ClientMetadata>(Value::Object(object)).ok());
    let Some(metadata) = metadata else {
        let description = "the body must be a JSON object of client metadata";
        return answer::error(&OAuthError::new(OAuthErrorCode::InvalidClientMetadata, description));
    };
    match services.register_client(bearer(&headers), metadata, address.as_deref()).await {
        Ok((client, secret)) => {
            let told = registration::answer(&client, secret.as_ref().map(Secret::expose));
            answer::no_store((StatusCode::CREATED, Json(told)).into_response())
        }
        Err(failure) => answer::failure(&failure),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
