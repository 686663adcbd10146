//! The demo: a product with plans and users, and a client application at `/demo`.

use crate::state::AppState;

/// Seeds the demo and adds its client application.
///
/// # Errors
/// When the catalog cannot be applied.
pub async fn add(router: axum::Router, _state: AppState) -> anyhow::Result<(axum::Router, Vec<String>)> {
    Ok((router, Vec::new()))
}
