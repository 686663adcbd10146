//! Server functions, each at its own path below `/rpc`: what the islands of our pages ask.

use app::{error::Failure, ssr};
use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use domain::ErrorCode;
use service::Services;

use crate::state::AppState;

/// A longer failure tells nobody anything.
const FAILURE: usize = 64 * 1024;

/// A route for every server function. Needs the request's `Ctx` in its extensions.
pub fn router() -> Router<AppState> {
    ssr::functions().fold(Router::new(), |router, (path, method)| {
        router.route(path, on(MethodFilter::try_from(method).unwrap_or(MethodFilter::POST), call))
    })
}

async fn call(State(services): State<Services>, request: Request) -> Response {
    let mut response = told(ssr::call(services, request).await).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Leptos answers 500 to whatever fails: the failure's code says which status it is.
async fn told(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, FAILURE).await.unwrap_or_default();
    let failure: Failure = serde_json::from_slice(&text).unwrap_or_else(|_| ErrorCode::Internal.into());
    parts.status = StatusCode::from_u16(failure.code.status()).unwrap_or(parts.status);
    parts.headers.clear();
    (parts, Json(failure)).into_response()
}
