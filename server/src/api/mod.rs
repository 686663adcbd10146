//! REST: `/api/admin` for admins, `/api/platform` for apps, and their description.

use axum::Router;

use crate::state::AppState;

pub mod admin;
pub mod platform;
pub mod text;

/// The routes of this area.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new().merge(admin::router().split_for_parts().0).merge(platform::router(state))
}

/// The description of this area's routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = platform::endpoints().split_for_parts().1;
    document.merge(admin::router().split_for_parts().1);
    document
}
