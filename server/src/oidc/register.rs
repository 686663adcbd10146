//! `POST /oauth2/register` (RFC 7591).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::WWW_AUTHENTICATE},
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
use crate::http::{authorization::Shown, body, challenge, ctx::PeerAddress};

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
    let (token, repeated) = (Shown::of(&headers).and_then(Shown::bearer), metadata.repeated());
    match services.register_client(token, metadata, address.as_deref()).await {
        Ok((client, secret)) => {
            let told = registration::answer(&client, secret.as_ref().map(Secret::expose), &repeated);
            answer::no_store((StatusCode::CREATED, Json(told)).into_response())
        }
        // Without any token the challenge names no error (RFC 6750, section 3.1).
        Err(failure) => {
            let mut response = answer::failure(&failure);
            if token.is_none() && response.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge::BEARER);
            }
            response
        }
    }
}
