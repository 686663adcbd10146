//! A rendered page as an answer.

use app::ssr;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use leptos::prelude::IntoView;

/// A page that nobody may keep, under the strict policy.
pub fn page<V: IntoView>(status: StatusCode, view: impl FnOnce() -> V) -> Response {
    let rendered = ssr::render(view);
    let policy = HeaderValue::from_str(&rendered.policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    (status, headers, rendered.html).into_response()
}
