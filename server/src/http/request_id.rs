//! Every request gets an id: in its own headers for [`service::Ctx`], in the answer, and in the log's span.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::state::AppState;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id that [`give`] put into a request's headers.
pub fn of(headers: &HeaderMap) -> &str {
    headers.get(HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// Middleware: gives the request its id. One that came with it is not believed.
pub async fn give(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let mut buffer = [0; uuid::fmt::Simple::LENGTH];
    let id: &str = state.services.id::<Uuid>().simple().encode_lower(&mut buffer);
    let Ok(value) = HeaderValue::from_str(id) else { return next.run(request).await };
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.headers_mut().insert(HEADER, value.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    response.headers_mut().insert(HEADER, value);
    response
}
