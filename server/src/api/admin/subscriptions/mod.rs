//! Subscriptions of an application, and what an admin changes of those that are billed.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod cancel;
mod change;
mod extend_trial;
mod get;
mod list;
mod pause;
mod preview;
mod resume;
mod target;
mod undo;
mod view;

pub use view::InvoiceBody;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(get::get))
        .routes(routes!(cancel::cancel))
        .routes(routes!(undo::undo))
        .routes(routes!(pause::pause))
        .routes(routes!(resume::resume))
        .routes(routes!(extend_trial::extend_trial))
        .routes(routes!(preview::preview))
        .routes(routes!(change::change))
}
