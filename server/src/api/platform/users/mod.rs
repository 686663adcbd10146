//! The application's users.

use domain::{ErrorCode, id::UserId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{http::params::PathParam, state::AppState};

mod get;
mod list;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(get::get))
}

/// A user in a path of this API.
pub struct EndUserId(pub UserId);

impl PathParam for EndUserId {
    const NAME: &'static str = "end_user_id";
    const MISSING: ErrorCode = ErrorCode::UserNotFound;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}
