//! Roles of an application.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod add_permission;
mod create;
mod delete;
mod input;
mod list;
mod remove_permission;
mod rename;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(rename::rename, delete::delete))
        .routes(routes!(add_permission::add_permission))
        .routes(routes!(remove_permission::remove_permission))
}
