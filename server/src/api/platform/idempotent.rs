//! `Idempotency-Key` of clients.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use service::idempotency::Caller;

use crate::{
    http::{ctx::RequestCtx, idempotency},
    state::AppState,
};

/// Revocation is idempotent by itself.
const EXCEPT: &str = "/api/platform/revoke";

/// Middleware: POSTs with a key are executed once. Runs behind the door, so that the client is known.
pub async fn once(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    request: Request,
    next: Next,
) -> Response {
    let (Some(caller), Some(key)) = (Caller::of(ctx.actor), ctx.idempotency_key) else {
        return next.run(request).await;
    };
    if request.method() != Method::POST || request.uri().path() == EXCEPT {
        return next.run(request).await;
    }
    idempotency::once(state.services, caller, &key, request, next).await
}
