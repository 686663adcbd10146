//! `/api/platform`: what a product's own server asks and tells. One endpoint per file; names are snake_case.

use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

mod checkout;
mod claims;
mod door;
mod entitlements;
mod features;
mod idempotent;
mod metadata;
mod payment;
mod plans;
mod portal;
mod revoke;
mod user_ref;
mod users;

/// Every endpoint with its description.
pub fn endpoints() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(plans::router())
        .merge(users::router())
        .merge(claims::router())
        .merge(features::router())
        .merge(checkout::router())
        .merge(payment::router())
        .merge(portal::router())
        .merge(entitlements::router())
        .merge(revoke::router())
}

/// The routes, behind the door that authenticates the client.
pub fn router(state: &AppState) -> Router<AppState> {
    endpoints()
        .split_for_parts()
        .0
        .route_layer(middleware::from_fn_with_state(state.clone(), idempotent::once))
        .route_layer(middleware::from_fn_with_state(state.clone(), door::authenticate))
}
