//! The description of the API (OpenAPI 3.1), generated from the code, and the page that shows it.

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::route;
use std::sync::Arc;

use crate::{http::cookie, state::AppState};

mod complete;
mod example;
mod html;
mod page;
mod schema;

pub use complete::document;

const STYLE: &str = include_str!("style.css");

/// Both answers, made once.
struct Ready {
    json: String,
    page: String,
    policy: String,
}

/// `/api/openapi.json` and `/api/docs`.
pub fn router(state: &AppState) -> Router<AppState> {
    let document = document(&state.services.settings.issuer);
    let style = BASE64_STANDARD.encode(service::crypto::hash(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let ready = Arc::new(Ready { json: format!("{document:#}"), page: page::render(&document, STYLE), policy });
    let (for_json, for_page) = (ready.clone(), ready);
    Router::new().route(route::OPENAPI, get(async move || json(&for_json))).route(
        route::API_DOCS,
        get(async move |State(state): State<AppState>, headers: HeaderMap| docs(&for_page, &state, &headers)),
    )
}

fn json(ready: &Ready) -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], ready.json.clone()).into_response()
}

fn docs(ready: &Ready, state: &AppState, headers: &HeaderMap) -> Response {
    // Without a choice the reader's system decides.
    let root = match cookie::read(state, headers, "theme").as_deref() {
        Some("dark") => "<html lang=\"en\" data-theme=\"dark\">",
        Some("light") => "<html lang=\"en\" data-theme=\"light\">",
        _ => "<html lang=\"en\">",
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, ready.policy.as_str()),
    ];
    (headers, format!("<!DOCTYPE html>{root}{}", ready.page)).into_response()
}
