//! The description of the API (OpenAPI 3.1), generated from the code, and the page that shows it.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::route;
use futures::stream;
use service::crypto;
use std::{convert::Infallible, sync::Arc};

use crate::{
    http::{cookie, etag::is_known},
    state::AppState,
};

mod complete;
mod example;
mod html;
mod page;
mod schema;

pub use complete::document;

const STYLE: &str = include_str!("style.css");

/// Both answers, made once and shared by everybody who reads them: an answer that waits for its reader costs nothing.
struct Ready {
    json: Bytes,
    /// Of the JSON, with its quotes.
    etag: String,
    page: Bytes,
    policy: String,
}

/// `/api/openapi.json` and `/api/docs`.
pub fn router(state: &AppState) -> Router<AppState> {
    let document = document(&state.services.settings.issuer);
    let style = BASE64_STANDARD.encode(crypto::hash(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let json = format!("{document:#}");
    let etag = format!("\"{}\"", crypto::base64url(crypto::hash(&json)));
    let page = page::render(&document, STYLE).into();
    let ready = Arc::new(Ready { json: json.into(), etag, page, policy });
    let (for_json, for_page) = (ready.clone(), ready);
    Router::new().route(route::OPENAPI, get(async move |headers: HeaderMap| as_json(&for_json, &headers))).route(
        route::API_DOCS,
        get(async move |State(state): State<AppState>, headers: HeaderMap| docs(&for_page, &state, &headers)),
    )
}

fn as_json(ready: &Ready, asked: &HeaderMap) -> Response {
    let about = [(CACHE_CONTROL, "no-cache"), (ETAG, ready.etag.as_str())];
    if is_known(asked, &ready.etag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(CONTENT_TYPE, "application/json")], ready.json.clone()).into_response()
}

fn docs(ready: &Ready, state: &AppState, headers: &HeaderMap) -> Response {
    // Without a choice the reader's system decides.
    let root = match cookie::read(state, headers, "theme").as_deref() {
        Some("dark") => "<!DOCTYPE html><html lang=\"en\" data-theme=\"dark\">",
        Some("light") => "<!DOCTYPE html><html lang=\"en\" data-theme=\"light\">",
        _ => "<!DOCTYPE html><html lang=\"en\">",
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, ready.policy.as_str()),
    ];
    let length = [(CONTENT_LENGTH, HeaderValue::from(root.len() + ready.page.len()))];
    let parts = [Bytes::from_static(root.as_bytes()), ready.page.clone()].map(Ok::<_, Infallible>);
    (headers, length, Body::from_stream(stream::iter(parts))).into_response()
}
