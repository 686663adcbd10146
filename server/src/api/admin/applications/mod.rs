//! Applications.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;
mod delete;
mod get;
mod input;
mod list;
mod rotate_secret;
mod update;
mod view;

pub use rotate_secret::{RotateInput, RotatedSecret};
pub use view::DunningView;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(rotate_secret::rotate_secret))
}
