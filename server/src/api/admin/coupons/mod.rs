//! Coupons of an application.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod archive;
mod create;
mod list;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(archive::archive))
}
