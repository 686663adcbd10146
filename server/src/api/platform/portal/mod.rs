//! The customer portal, opened by the product's own server.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create::create))
}
