//! The dashboard. A page's address answers GET with the page and POST to its forms: parsed, one use case, then 303
//! back, or the page again with what was typed and what is wrong with it.

use axum::{Router, routing::get};
use domain::route;

use crate::state::AppState;

mod alerts;
mod applications;
mod cancel;
mod clients;
mod clock;
mod coupons;
mod desk;
mod kept;
mod mailbox;
mod moment;
mod once;
mod organizations;
mod overview;
mod payment_settings;
mod payments;
mod plan;
mod plans;
mod registration;
mod roles;
mod settings;
mod sign_in_methods;
mod subscription;
mod subscriptions;
mod user;
mod users;
mod webhook_deliveries;
mod webhooks;

/// The pages below `/dashboard`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route(route::MAILBOX, get(mailbox::show))
        .route(route::ORGANIZATIONS, get(organizations::show))
        .route("/organizations/new", get(organizations::show_new).post(organizations::submit_new))
        .route("/organizations/{id}", get(organizations::show_one).post(organizations::submit_one))
        .route("/dashboard", get(overview::show))
        .route("/dashboard/applications/new", get(applications::show).post(applications::submit))
        .route("/dashboard/{slug}", get(overview::enter))
        .route("/dashboard/{slug}/plans", get(plans::show).post(plans::submit))
        .route("/dashboard/{slug}/plans/new", get(plan::show_new).post(plan::submit_new))
        .route("/dashboard/{slug}/plans/{key}", get(plan::show).post(plan::submit))
        .route("/dashboard/{slug}/users", get(users::show).post(users::submit))
        .route("/dashboard/{slug}/users/{id}", get(user::show).post(user::submit))
        .route("/dashboard/{slug}/roles", get(roles::show).post(roles::submit))
        .route("/dashboard/{slug}/roles/{id}", get(roles::show_one).post(roles::submit_one))
        .route("/dashboard/{slug}/subscriptions", get(subscriptions::show))
        .route("/dashboard/{slug}/subscriptions/cancel", get(cancel::show).post(cancel::submit))
        .route("/dashboard/{slug}/subscriptions/{id}", get(subscription::show).post(subscription::submit))
        .route("/dashboard/{slug}/payments", get(payments::show))
        .route("/dashboard/{slug}/payments/{id}", get(payments::show_one).post(payments::submit_one))
        .route("/dashboard/{slug}/coupons", get(coupons::show).post(coupons::submit))
        .route("/dashboard/{slug}/alerts", get(alerts::show).post(alerts::submit))
        .route("/dashboard/{slug}/clock", get(clock::show).post(clock::submit))
        .route("/dashboard/{slug}/clients", get(clients::show))
        .route("/dashboard/{slug}/clients/new", get(clients::show_new).post(clients::submit_new))
        .route("/dashboard/{slug}/clients/registration", get(registration::show).post(registration::submit))
        .route("/dashboard/{slug}/clients/{id}", get(clients::show_one).post(clients::submit_one))
        .route("/dashboard/{slug}/sign-in-methods", get(sign_in_methods::show))
        .route(
            "/dashboard/{slug}/sign-in-methods/new",
            get(sign_in_methods::show_new).post(sign_in_methods::submit_new),
        )
        .route(
            "/dashboard/{slug}/sign-in-methods/{id}",
            get(sign_in_methods::show_one).post(sign_in_methods::submit_one),
        )
        .route("/dashboard/{slug}/webhooks", get(webhooks::show))
        .route("/dashboard/{slug}/webhooks/new", get(webhooks::show_new).post(webhooks::submit_new))
        .route("/dashboard/{slug}/webhooks/{id}", get(webhooks::show_one).post(webhooks::submit_one))
        .route("/dashboard/{slug}/webhooks/{id}/deliveries", get(webhook_deliveries::show))
        .route(
            "/dashboard/{slug}/webhooks/{id}/deliveries/{delivery}",
            get(webhook_deliveries::show_one).post(webhook_deliveries::submit_one),
        )
        .route("/dashboard/{slug}/settings", get(settings::show).post(settings::submit))
        .route("/dashboard/{slug}/settings/payments", get(payment_settings::show).post(payment_settings::submit))
}
