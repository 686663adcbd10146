//! Answers of `/api` that no handler made (no such path, 405, 413, 415, 500) get the envelope of all its errors. The
//! protocol's endpoints answer 413 in their own words.

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ErrorCode;
use serde_json::json;

use super::request_id;
use crate::oidc;

/// Where no route is.
pub async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Middleware: see the module. A 5xx of `/api` tells its request id and nothing else, but for the 503 of a provider that
/// does not answer.
pub async fn wrap(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let (is_api, speaks_oauth) = (is_api(path), oidc::speaks_oauth(path));
    if !is_api && !speaks_oauth {
        return next.run(request).await;
    }
    let id = request_id::of(request.headers()).to_owned();
    let response = next.run(request).await;
    let status = response.status();
    if speaks_oauth && status == StatusCode::PAYLOAD_TOO_LARGE && !is_json(response.headers()) {
        return oidc::too_large();
    }
    if !is_api {
        return response;
    }
    if !(status.is_client_error() || status.is_server_error()) || (speaks_oauth && is_json(response.headers())) {
        return response;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE && is_json(response.headers()) {
        return response;
    }
    if status.is_server_error() {
        let code = ErrorCode::Internal;
        let error = json!({ "code": code.as_str(), "message": code.title(), "details": { "requestId": id } });
        return (status, Json(json!({ "error": error }))).into_response();
    }
    if is_json(response.headers()) {
        return response;
    }
    let message = match status {
        StatusCode::NOT_FOUND => "there is nothing at this path",
        StatusCode::METHOD_NOT_ALLOWED => "this path does not take this method",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than 1 MiB",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body must be application/json",
        _ => "the request is not valid",
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    let body = Json(json!({ "error": { "code": ErrorCode::InvalidInput.as_str(), "message": message } }));
    (status, parts.headers, body).into_response()
}

/// Whether the path belongs to the REST API, whose errors carry the envelope.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}
