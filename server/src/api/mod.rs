//! REST: `/api/admin` for admins, `/api/platform` for apps, and their description.

use axum::Router;

use crate::state::AppState;

pub mod admin;
pub mod platform;
pub mod text;

/// The routes that a session opens, among other credentials.
pub fn for_people() -> Router<AppState> {
    admin::router().split_for_parts().0
}

/// The routes that clients call.
pub fn for_programs(state: &AppState) -> Router<AppState> {
    platform::router(state)
}

/// The description of this area's routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = platform::endpoints().split_for_parts().1;
    document.merge(admin::router().split_for_parts().1);
    document
}
