//! Server functions, each at its own path below `/rpc`, those of the portal below `/portal/rpc`: what the islands of
//! our pages ask.

use app::{error::Failure, ssr};
use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use domain::{ErrorCode, route};
use service::Ctx;

use crate::{
    http::error::{ApiError, status_of},
    pages::portal,
    state::AppState,
};

/// A longer failure tells nobody anything.
const FAILURE: usize = 64 * 1024;

/// A route for every server function. Needs the request's `Ctx` in its extensions.
pub fn router() -> Router<AppState> {
    ssr::functions().fold(Router::new(), |router, (path, method)| {
        router.route(path, on(MethodFilter::try_from(method).unwrap_or(MethodFilter::POST), call))
    })
}

async fn call(State(state): State<AppState>, mut request: Request) -> Response {
    if request.uri().path().starts_with(route::PORTAL)
        && let Err(error) = admit(&state, &mut request).await
    {
        return ApiError::from(error).into_response();
    }
    let mut response = told(ssr::call(state.services, request).await).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// In the portal its visitor asks, whoever else is signed in in the same browser.
async fn admit(state: &AppState, request: &mut Request) -> service::Result<()> {
    let visitor = portal::visitor(state, request.headers()).await?;
    let extensions = request.extensions_mut();
    let ctx = extensions.remove::<Ctx>().unwrap_or_else(Ctx::anonymous);
    if let Some(visitor) = visitor {
        extensions.insert(visitor.ctx(&ctx));
        extensions.insert(visitor);
    }
    Ok(())
}

/// Leptos answers 500 to whatever fails: the failure's code says which status it is.
async fn told(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = to_bytes(body, FAILURE).await.unwrap_or_default();
    let failure: Failure = serde_json::from_slice(&text).unwrap_or_else(|_| ErrorCode::Internal.into());
    parts.status = status_of(failure.code);
    parts.headers.clear();
    (parts, Json(failure)).into_response()
}
