//! Pages. Their handlers load, act and render, and so know the status before the first byte.

use axum::{
    Router,
    extract::State,
    middleware,
    response::Response,
    routing::{get, post},
};
use domain::route;

use crate::{
    http::{compress, redirect::see_other},
    state::AppState,
};

mod account;
mod admin;
mod ask_mail;
mod asked;
mod behind;
mod checkout;
mod checkout_link;
mod consent;
mod credentials;
mod device;
pub mod error;
mod factor;
mod flow;
mod invitation;
mod kept;
mod mail_link;
mod pay;
mod plans;
pub mod portal;
mod register;
mod respond;
mod sandbox;
mod security;
mod setup;
mod sign_in;
mod sign_out;
mod strength;
mod upstream;
pub mod visit;

pub use error::{Mishap, error_page};

/// Every page. Needs the request's `Ctx` in its extensions.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route(route::HOME, get(home))
        .route(route::SIGN_IN, get(sign_in::show).post(sign_in::submit))
        .route(route::EMAIL_SIGN_IN, get(ask_mail::show_sign_in).post(ask_mail::submit_sign_in))
        .route(route::PASSKEY_SIGN_IN, get(sign_in::show_passkey).post(sign_in::submit_passkey))
        .route(route::FACTOR, get(factor::show).post(factor::submit))
        .route(route::SECURITY, get(security::show).post(security::submit))
        .route(route::AUTHENTICATOR, get(security::show_app).post(security::submit_app))
        .route(route::FORGOT_PASSWORD, get(ask_mail::show_reset).post(ask_mail::submit_reset))
        .route(route::PASSWORD_STRENGTH, post(strength::weigh))
        .route(&format!("{}/{{token}}", route::MAIL_LINK), get(mail_link::show).post(mail_link::submit))
        .route(&format!("{}/{{token}}", route::INVITATION), get(invitation::show).post(invitation::submit))
        .route(route::REGISTER, get(register::show).post(register::submit))
        .route(route::SIGN_OUT, get(sign_out::show).post(sign_out::submit))
        .route(route::CONSENT, get(consent::show).post(consent::submit))
        .route(route::DEVICE, get(device::show).post(device::submit))
        .route(&format!("{}/{{slug}}", route::UPSTREAM), post(upstream::depart))
        .route(&format!("{}/{{application}}/{{method}}", route::UPSTREAM_CALLBACK), get(upstream::come_back))
        .route(route::UPSTREAM_LINK, get(upstream::show_link).post(upstream::submit_link))
        .route(route::PLANS, get(plans::show).post(plans::submit))
        .route(route::CHECKOUT, get(checkout_link::begin).post(checkout_link::agree))
        .route(route::CHECKOUT_RETURN, get(checkout::come_back))
        .route(&format!("{}/{{token}}", route::PAY), get(pay::show).post(pay::submit))
        .route(&format!("{}/{{token}}", route::CHECKOUT), get(checkout::show).post(checkout::press))
        .route(&format!("{}/{{key}}", route::SANDBOX_PAY), get(sandbox::show).post(sandbox::submit))
        .route(route::SETUP, get(setup::show).post(setup::submit))
        .merge(account::router())
        .merge(portal::router())
        .merge(admin::router())
        .layer(middleware::from_fn_with_state(state.clone(), visit::provide))
        .layer(compress::layer())
        .layer(middleware::from_fn(compress::reads_only))
}

/// Nothing is at `/` itself.
async fn home(State(state): State<AppState>) -> Response {
    see_other(state.home)
}
