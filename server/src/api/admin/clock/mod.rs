//! The test clock of an application that collects in the sandbox.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod advance;
mod get;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get::get, advance::advance))
}
