//! What everybody may read and keep: the discovery document, the key set, single keys. Ready bytes with an entity tag;
//! no session is looked up.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{oauth::metadata, route};
use service::{Services, crypto};

use crate::{http::etag::is_known, state::AppState};

/// A new key must be published for longer than this before it signs.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PEM: HeaderValue = HeaderValue::from_static("application/x-pem-file");

/// The routes. HEAD is answered as GET without its body.
pub fn documents(state: &AppState) -> Router<AppState> {
    let text = metadata::document(&state.services.settings.issuer).to_string();
    let etag = HeaderValue::from_str(&format!("\"{}\"", crypto::base64url(crypto::hash(&text))))
        .unwrap_or(HeaderValue::from_static("\"discovery\""));
    let body = Bytes::from(text);
    let discovery = move |headers: HeaderMap| {
        let answer = document(&headers, body.clone(), etag.clone(), JSON);
        async move { answer }
    };
    Router::new()
        .route(route::DISCOVERY, get(discovery.clone()))
        .route(route::OAUTH_METADATA, get(discovery))
        .route(route::JWKS, get(jwks))
        .route(route::KEY_PEM, get(pem))
}

/// `GET /.well-known/jwks.json` (RFC 7517, section 5).
async fn jwks(State(services): State<Services>, headers: HeaderMap) -> Response {
    let keys = services.directory().keys.clone();
    let Ok(etag) = HeaderValue::from_str(keys.etag()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    document(&headers, Bytes::from_owner(keys.jwks().clone()), etag, JSON)
}

/// `GET /.well-known/keys/{kid}.pem`: one public key, for libraries that want a PEM.
async fn pem(State(services): State<Services>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    let keys = services.directory().keys.clone();
    let key = file.strip_suffix(".pem").and_then(|kid| keys.by_kid(kid));
    let found = key.and_then(|key| Some((key, HeaderValue::from_str(&format!("\"{}\"", key.kid)).ok()?)));
    match found {
        Some((key, etag)) => document(&headers, Bytes::from_owner(key.pem.clone()), etag, PEM),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn document(asked: &HeaderMap, body: Bytes, etag: HeaderValue, kind: HeaderValue) -> Response {
    let known = etag.to_str().is_ok_and(|etag| is_known(asked, etag));
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
    let headers = response.headers_mut();
    if !known {
        headers.insert(CONTENT_TYPE, kind);
    }
    headers.insert(ETAG, etag);
    headers.insert(CACHE_CONTROL, CACHE);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
