//! What waits for a person: alerts, and notifications that could not be handled.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod failed;
mod list;
mod resolve;
mod retry;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(resolve::resolve))
        .routes(routes!(failed::failed))
        .routes(routes!(retry::retry))
}
