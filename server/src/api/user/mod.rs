//! `/api/user`: what people ask and change about themselves, by the session of their browser or by an access token that
//! an application has of them. Names are camelCase.

use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::{oidc::cors, state::AppState};

mod door;
mod organizations;
mod profile;
mod sessions;
mod subscription;

/// Every endpoint with its description.
pub fn endpoints() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(subscription::router())
        .merge(sessions::router())
        .merge(organizations::router())
        .merge(profile::router())
}

/// The routes; the pages of registered origins may call them with a token.
pub fn router(state: &AppState) -> Router<AppState> {
    endpoints().split_for_parts().0.layer(middleware::from_fn_with_state(state.clone(), cors::registered))
}
