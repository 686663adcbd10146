//! `/portal`: the customer portal.

use app::portal::Done;
use axum::{Router, routing::get};
use domain::route;

use crate::state::AppState;

mod act;
mod change;
mod closed;
mod desk;
mod enter;
mod invoices;
mod overview;

pub use closed::{left, paid};
pub use desk::visitor;

pub fn router() -> Router<AppState> {
    Router::new()
        .route(route::PORTAL, get(enter::show).post(act::submit))
        .route(route::PORTAL_CHANGE, get(change::show).post(change::submit))
        .route(&format!("{}/{{number}}", route::PORTAL_INVOICES), get(invoices::show).post(invoices::pay))
}

/// The portal, which says what has just been done.
pub fn done(done: Done) -> String {
    format!("{}?done={}", route::PORTAL, done.as_str())
}
