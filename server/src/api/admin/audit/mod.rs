//! The ledger.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod csv;
mod list;
mod view;

pub use view::EntryView;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list))
}
