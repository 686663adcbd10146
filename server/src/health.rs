//! `/healthz` says that the process runs, `/readyz` that its database answers, its writer too.

use axum::{extract::State, http::StatusCode};
use service::Services;

/// Whether the process answers at all.
pub async fn alive() -> &'static str {
    "ok"
}

/// Whether the server can do its work: 503 while the database does not answer.
pub async fn ready(State(services): State<Services>) -> (StatusCode, &'static str) {
    match services.db.ping().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
