//! REST: `/api/admin` for admins, `/api/platform` for apps, `/api/user` for people, and their description.

use axum::{
    Router,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware,
};
use domain::{id::ApplicationId, route};
use service::Services;
use tower_http::set_header::SetResponseHeaderLayer;

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
    admin::router().split_for_parts().0.route_layer(once).merge(user::router(state)).layer(unkept())
}

/// The routes that clients call.
pub fn for_programs(state: &AppState) -> Router<AppState> {
    platform::router(state).layer(unkept())
}

/// What is about people stays in no cache, unless a route says better.
fn unkept() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// The description of this area's routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = platform::endpoints().split_for_parts().1;
    document.merge(user::endpoints().split_for_parts().1);
    document.merge(admin::router().split_for_parts().1);
    document
}
