//! Prices of a plan.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod create;
mod delete;
mod input;
mod view;

pub use input::NewPriceInput;
pub use view::PriceView;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create::create)).routes(routes!(delete::delete))
}
