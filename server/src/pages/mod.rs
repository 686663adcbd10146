//! Pages: the hosted ones, whose handlers load, act and render; and the dashboard, which the router of Leptos renders.

use app::routes::App;
use axum::{Router, middleware};
use leptos::context::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};

use crate::state::AppState;

pub mod error;
mod respond;
mod visit;

pub use error::{Mishap, error_page};

/// Every page. Needs the request's `Ctx` in its extensions.
pub fn router(state: &AppState) -> Router<AppState> {
    let services = state.services.clone();
    let provide = move || provide_context(services.clone());
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(App), provide, App)
        .layer(middleware::from_fn_with_state(state.clone(), visit::provide))
}
