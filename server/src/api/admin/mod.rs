//! `/api/admin`: what an admin does in the dashboard, by HTTP. One endpoint per file.

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

pub mod alerts;
pub mod applications;
pub mod audit;
pub mod claims;
pub mod clients;
pub mod clock;
pub mod coupons;
pub mod door;
pub mod idempotent;
pub mod invoices;
mod listing;
pub mod members;
pub mod organizations;
pub mod payment_settings;
pub mod payments;
pub mod permissions;
pub mod plans;
pub mod prices;
pub mod registration_tokens;
pub mod roles;
pub mod services;
pub mod sign_in_methods;
pub mod subscription;
pub mod subscriptions;
pub mod users;
pub mod webhooks;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(applications::router())
        .merge(clients::router())
        .merge(registration_tokens::router())
        .merge(plans::router())
        .merge(prices::router())
        .merge(members::router())
        .merge(subscription::router())
        .merge(claims::router())
        .merge(roles::router())
        .merge(permissions::router())
        .merge(users::router())
        .merge(organizations::router())
        .merge(subscriptions::router())
        .merge(invoices::router())
        .merge(payments::router())
        .merge(payment_settings::router())
        .merge(coupons::router())
        .merge(clock::router())
        .merge(alerts::router())
        .merge(sign_in_methods::router())
        .merge(webhooks::router())
        .merge(services::router())
        .merge(audit::router())
}
