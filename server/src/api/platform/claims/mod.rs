//! Claims of a user.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod get;
mod merge;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get::get, merge::merge))
}
