//! REST: `/api/admin` for admins, `/api/platform` for apps, and their description.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

pub mod admin;
pub mod text;

/// Every endpoint with its description.
fn endpoints() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(admin::router())
}

/// The routes of this area.
pub fn router() -> Router<AppState> {
    endpoints().split_for_parts().0
}

/// The description of this area's routes.
pub fn document() -> utoipa::openapi::OpenApi {
    endpoints().split_for_parts().1
}
