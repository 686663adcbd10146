//! Pages. Their handlers load, act and render, and so know the status before the first byte.

use axum::{Router, extract::State, middleware, response::Response, routing::get};
use domain::route;

use crate::{http::compress, state::AppState};

mod account;
mod admin;
mod asked;
mod checkout;
mod consent;
pub mod error;
mod flow;
mod pay;
mod plans;
pub mod portal;
mod register;
mod respond;
mod sandbox;
mod setup;
mod sign_in;
mod sign_out;
mod visit;

pub use error::{Mishap, error_page};

/// Every page. Needs the request's `Ctx` in its extensions.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route(route::HOME, get(home))
        .route(route::SIGN_IN, get(sign_in::show).post(sign_in::submit))
        .route(route::REGISTER, get(register::show).post(register::submit))
        .route(route::SIGN_OUT, get(sign_out::show).post(sign_out::submit))
        .route(route::CONSENT, get(consent::show).post(consent::submit))
        .route(route::PLANS, get(plans::show).post(plans::submit))
        .route(route::CHECKOUT, get(checkout::begin))
        .route(route::CHECKOUT_RETURN, get(checkout::come_back))
        .route(&format!("{}/{{token}}", route::PAY), get(pay::show).post(pay::submit))
        .route(&format!("{}/{{token}}", route::CHECKOUT), get(checkout::show).post(checkout::press))
        .route(&format!("{}/{{key}}", route::SANDBOX_PAY), get(sandbox::show).post(sandbox::submit))
        .route(route::SETUP, get(setup::show).post(setup::submit))
        .merge(portal::router())
        .merge(admin::router())
        .layer(middleware::from_fn_with_state(state.clone(), visit::provide))
        .layer(compress::layer())
        .layer(middleware::from_fn(compress::reads_only))
}

/// Nothing is at `/` itself.
async fn home(State(state): State<AppState>) -> Response {
    asked::see_other(state.home)
}
