//! A bill for a plan, paid on the hosted checkout.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create::create))
}
