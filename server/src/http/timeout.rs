//! No request takes longer than this.

use std::time::Duration;

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

const LONGEST: Duration = Duration::from_secs(30);

/// Middleware: answers 503 when the handler takes too long, and drops its work.
pub async fn limit(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request took too long");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
