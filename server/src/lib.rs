//! The front doors: adapters of a few lines between HTTP and the use cases of `service`.

// As in `app`: a page's type is as deep as its markup.
#![recursion_limit = "512"]

use axum::{Router, middleware, routing::get};
use domain::route;

pub mod api;
pub mod cli;
pub mod config;
pub mod demo;
mod export;
pub mod health;
pub mod http;
mod logo;
pub mod oidc;
pub mod openapi;
pub mod pages;
mod places;
pub mod rpc;
pub mod serve;
pub mod site;
pub mod startup;
pub mod state;
pub mod telemetry;
mod unread;
pub mod webhooks;

use state::AppState;

/// The whole server: every area's routes below the layers that all of them share.
pub fn router(state: AppState) -> Router {
    let for_people = Router::new()
        .merge(oidc::for_people())
        .merge(api::for_people(&state))
        .merge(openapi::router(&state))
        .merge(pages::router(&state))
        .merge(rpc::router())
        .layer(middleware::from_fn_with_state(state.clone(), http::ctx::identify));
    let areas = for_people
        .merge(oidc::for_programs(&state))
        .merge(api::for_programs(&state))
        .merge(webhooks::router())
        .fallback(http::envelope::not_found)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.clone(), http::origin::check))
        .layer(middleware::from_fn_with_state(state.clone(), http::ctx::provide))
        .layer(middleware::from_fn_with_state(http::intake::Room::default(), http::intake::take))
        .layer(middleware::from_fn(http::envelope::wrap))
        .layer(middleware::from_fn(http::timeout::limit))
        .layer(middleware::from_fn(http::panic::catch))
        .layer(middleware::from_fn_with_state(state.clone(), pages::error::dress))
        .layer(middleware::from_fn_with_state(state.clone(), http::request_id::give));
    Router::new()
        .route(route::HEALTH, get(health::alive))
        .route(route::READY, get(health::ready))
        .merge(site::router())
        .merge(logo::router())
        .merge(oidc::documents(&state))
        .merge(areas)
        .layer(middleware::from_fn_with_state(state.clone(), http::headers::secure))
        .with_state(state)
}
