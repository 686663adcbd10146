//! Where payment providers post what they have to tell. A notification is checked on its raw bytes, stored, and
//! acknowledged; what it is about is asked of the provider afterwards.

mod midtrans;
mod stripe;

use axum::{
    Router,
    http::HeaderMap,
    routing::{MethodRouter, post},
};
use domain::route;
use service::payment::Headers;

use crate::state::AppState;

/// The routes of every provider.
pub fn router() -> Router<AppState> {
    let midtrans: MethodRouter<AppState> = post(midtrans::receive);
    let stripe: MethodRouter<AppState> = post(stripe::receive);
    let any_stripe: MethodRouter<AppState> = post(stripe::receive_of_any);
    Router::new()
        .route(route::MIDTRANS_WEBHOOK, midtrans)
        .route(&format!("{}/{{project_id}}", route::STRIPE_WEBHOOK), stripe)
        .route(route::STRIPE_WEBHOOK, any_stripe)
}

/// The headers that are text.
fn texts(headers: &HeaderMap) -> Headers {
    let text = |value: &axum::http::HeaderValue| value.to_str().map(str::to_owned).ok();
    headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect()
}
