//! The ways to sign in that an application offers besides its own. No answer has a secret in it.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod check;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(check::check))
}
