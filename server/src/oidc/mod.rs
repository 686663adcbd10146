//! The protocol: OAuth 2 and OpenID Connect, one endpoint per file.

use axum::Router;

use crate::state::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
}
