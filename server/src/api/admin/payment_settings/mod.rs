//! Who collects for an application, and with which keys. No answer has a key in it.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod check;
mod get;
mod remove;
mod set;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get::get))
        .routes(routes!(set::set, remove::remove))
        .routes(routes!(check::check))
}
