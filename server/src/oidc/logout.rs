//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0).

use axum::{
    extract::{RawQuery, State},
    http::header::SET_COOKIE,
    response::Response,
};
use domain::{oauth::authorize::with_query, route};
use service::{
    Ctx,
    oauth::logout::{LogoutRequest, LogoutStep},
};

use super::{AsSent, Parameters, answer};
use crate::{
    http::{cookie, ctx::RequestCtx, error::ApiError, redirect::see_other},
    state::AppState,
};

/// What a request may say.
const PARAMETERS: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
/// The longest address that a POST goes on to, in bytes: proxies often take no more than 8 KiB.
const LONGEST: usize = 8000;

pub async fn get(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    respond(&state, &ctx, &Parameters::of_query(query.as_deref())).await
}

/// Another site's form brings no cookie along, so that nothing says who is signed in here: the request goes on by a
/// GET, which does.
pub async fn post(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    AsSent(parameters): AsSent,
) -> Result<Response, ApiError> {
    if ctx.session.is_some() {
        return respond(&state, &ctx, &parameters).await;
    }
    let given = |name: &'static str| Some((name, parameters.get(name)?.to_owned()));
    let again = with_query(route::LOGOUT, &PARAMETERS.into_iter().filter_map(given).collect::<Vec<_>>());
    // What an address cannot hold proves nothing: a page asks.
    let next = if again.len() > LONGEST { route::SIGN_OUT } else { again.as_str() };
    Ok(answer::no_store(see_other(next)))
}

async fn respond(state: &AppState, ctx: &Ctx, parameters: &Parameters) -> Result<Response, ApiError> {
    let request = LogoutRequest {
        id_token_hint: parameters.get("id_token_hint"),
        client_id: parameters.get("client_id"),
        post_logout_redirect_uri: parameters.get("post_logout_redirect_uri"),
        state: parameters.get("state"),
    };
    let next = match state.services.logout().begin(ctx, &request).await? {
        LogoutStep::Ask => return Ok(answer::no_store(see_other(route::SIGN_OUT))),
        LogoutStep::Done => see_other(route::SIGN_OUT),
        LogoutStep::Redirect(uri) => see_other(&uri),
    };
    let mut response = answer::no_store(next);
    response.headers_mut().append(SET_COOKIE, cookie::clear_session(state));
    response.headers_mut().append(SET_COOKIE, cookie::clear_portal(state));
    Ok(response)
}
