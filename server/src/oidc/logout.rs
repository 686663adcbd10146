//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0).

use axum::{
    extract::{RawQuery, State},
    http::header::SET_COOKIE,
    response::{IntoResponse, Response},
};
use domain::route;
use service::{
    Ctx,
    oauth::logout::{LogoutRequest, LogoutStep},
};

use super::{AsSent, Parameters, answer, step};
use crate::{
    http::{cookie, ctx::RequestCtx, error::ApiError},
    state::AppState,
};

pub async fn get(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    respond(&state, &ctx, &Parameters::of_query(query.as_deref())).await
}

pub async fn post(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    AsSent(parameters): AsSent,
) -> Result<Response, ApiError> {
    respond(&state, &ctx, &parameters).await
}

async fn respond(state: &AppState, ctx: &Ctx, parameters: &Parameters) -> Result<Response, ApiError> {
    let request = LogoutRequest {
        id_token_hint: parameters.get("id_token_hint"),
        client_id: parameters.get("client_id"),
        post_logout_redirect_uri: parameters.get("post_logout_redirect_uri"),
        state: parameters.get("state"),
    };
    let next = match state.services.logout().begin(ctx, &request).await? {
        LogoutStep::Ask => return Ok(answer::no_store(step::see(route::SIGN_OUT).into_response())),
        LogoutStep::Done => step::see(route::SIGN_OUT),
        LogoutStep::Redirect(uri) => step::see(&uri),
    };
    let mut response = answer::no_store(next);
    response.headers_mut().append(SET_COOKIE, cookie::clear_session(state));
    Ok(response)
}
