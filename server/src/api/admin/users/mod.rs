//! Global users. For superadmins.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;
mod delete;
mod disable;
mod enable;
mod get;
mod list;
mod reset_factors;
mod reset_password;
mod sign_out;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(disable::disable))
        .routes(routes!(enable::enable))
        .routes(routes!(reset_factors::reset_factors))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(sign_out::sign_out))
}
