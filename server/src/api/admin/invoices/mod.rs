//! Invoices of an application.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod get;
mod mark_paid;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get::get)).routes(routes!(mark_paid::mark_paid))
}
