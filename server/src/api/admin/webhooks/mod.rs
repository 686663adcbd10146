//! Endpoints that are told what happens in an application, and what was sent to them.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;
mod delete;
mod deliveries;
mod delivery;
mod get;
mod input;
mod list;
mod resend;
mod rotate_secret;
mod send_test;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(rotate_secret::rotate_secret))
        .routes(routes!(send_test::send_test))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(delivery::delivery))
        .routes(routes!(resend::resend))
}
