//! The protocol: OAuth 2 and OpenID Connect, one endpoint per file.

use axum::{
    Router,
    http::StatusCode,
    middleware,
    response::Response,
    routing::{get, post},
};
use domain::{
    oauth::error::{OAuthError, OAuthErrorCode},
    route,
};

use crate::state::AppState;

mod answer;
mod authorize;
pub mod cors;
mod device;
mod documents;
mod form_post;
mod introspect;
mod logout;
mod par;
mod parameters;
mod register;
mod revoke;
mod step;
mod token;
mod userinfo;

pub use documents::documents;
pub use parameters::{AsSent, Parameters};
pub use step::{Place, answer as step_answer};

/// Whether an endpoint's errors are those of OAuth, in JSON.
pub fn speaks_oauth(path: &str) -> bool {
    [
        route::TOKEN,
        route::PAR,
        route::USERINFO,
        route::REVOKE,
        route::INTROSPECT,
        route::DEVICE_AUTHORIZATION,
        route::REGISTER_CLIENT,
        route::PLATFORM_TOKEN,
    ]
    .contains(&path)
}

/// A body of a size that nobody reads.
pub fn too_large() -> Response {
    let error = OAuthError::invalid_request("the body is larger than 64 KiB");
    answer::with_status(StatusCode::PAYLOAD_TOO_LARGE, &error)
}

/// A body that was not taken for another reason: 503 where the client may try again.
pub fn refuse_body(status: StatusCode, description: &'static str) -> Response {
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE => OAuthErrorCode::TemporarilyUnavailable,
        _ => OAuthErrorCode::InvalidRequest,
    };
    answer::with_status(status, &OAuthError::new(code, description))
}

/// The endpoints to which a browser comes with its person's session.
pub fn for_people() -> Router<AppState> {
    Router::new()
        .route(route::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(route::AUTH_LOGIN, get(authorize::short_form))
        .route(route::RESUME, get(authorize::resume))
        .route(route::LOGOUT, get(logout::get).post(logout::post))
}

/// The endpoints that clients call; a session means nothing to them.
pub fn for_programs(state: &AppState) -> Router<AppState> {
    let for_browsers = Router::new()
        .route(route::TOKEN, post(token::post))
        .route(route::PAR, post(par::post))
        .route(route::USERINFO, get(userinfo::get).post(userinfo::post))
        .route(route::REVOKE, post(revoke::post))
        .layer(middleware::from_fn_with_state(state.clone(), cors::registered));
    Router::new()
        .route(route::INTROSPECT, post(introspect::post))
        .route(route::DEVICE_AUTHORIZATION, post(device::post))
        .route(route::REGISTER_CLIENT, post(register::post))
        .route(route::PLATFORM_TOKEN, post(token::post))
        .merge(for_browsers)
}
