//! The subscription of one user.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod assign;
mod end;
mod get;
mod input;
mod replace;
mod view;

pub use view::{SubscriptionBody, SubscriptionView};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get::get, assign::assign, replace::replace, end::end))
}
