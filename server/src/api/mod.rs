//! REST: `/api/admin` for admins, `/api/platform` for apps, `/api/user` for people, and their description.

use axum::{Router, middleware};
use domain::{id::ApplicationId, route};
use service::Services;

use crate::state::AppState;

pub mod admin;
pub mod moment;
pub mod platform;
pub mod text;
pub mod user;

/// Where Stripe and Midtrans tell this server what happened to an application's payments.
pub fn webhook_urls(services: &Services, application: ApplicationId) -> [String; 2] {
    let issuer = &services.settings.issuer;
    [format!("{issuer}{}/{application}", route::STRIPE_WEBHOOK), format!("{issuer}{}", route::MIDTRANS_WEBHOOK)]
}

/// The routes that a session opens, among other credentials.
pub fn for_people(state: &AppState) -> Router<AppState> {
    let once = middleware::from_fn_with_state(state.clone(), admin::idempotent::once);
    admin::router().split_for_parts().0.route_layer(once).merge(user::router(state))
}

/// The routes that clients call.
pub fn for_programs(state: &AppState) -> Router<AppState> {
    platform::router(state)
}

/// The description of this area's routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = platform::endpoints().split_for_parts().1;
    document.merge(user::endpoints().split_for_parts().1);
    document.merge(admin::router().split_for_parts().1);
    document
}
