//! Pages: the hosted ones, whose handlers load, act and render; and the dashboard, which the router of Leptos renders.

use app::routes::App;
use axum::{Router, middleware, routing::get};
use domain::route;
use leptos::context::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};

use crate::state::AppState;

mod account;
mod asked;
mod consent;
pub mod error;
mod flow;
mod plans;
mod register;
mod respond;
mod setup;
mod sign_in;
mod sign_out;
mod visit;

pub use error::{Mishap, error_page};

/// Every page. Needs the request's `Ctx` in its extensions.
pub fn router(state: &AppState) -> Router<AppState> {
    let services = state.services.clone();
    let provide = move || provide_context(services.clone());
    Router::new()
        .route(route::SIGN_IN, get(sign_in::show).post(sign_in::submit))
        .route(route::REGISTER, get(register::show).post(register::submit))
        .route(route::SIGN_OUT, get(sign_out::show).post(sign_out::submit))
        .route(route::CONSENT, get(consent::show).post(consent::submit))
        .route(route::PLANS, get(plans::show).post(plans::submit))
        .route(route::SETUP, get(setup::show).post(setup::submit))
        .leptos_routes_with_context(state, generate_route_list(App), provide, App)
        .layer(middleware::from_fn_with_state(state.clone(), visit::provide))
}
