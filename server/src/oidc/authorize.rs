//! The authorization endpoint (OpenID Connect Core, 3.1.2), its short form `/auth/login`, and the way back to it from
//! the pages.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use domain::{
    oauth::authorize::{Door, RawParameters},
    route,
};

use super::{
    AsSent, Parameters,
    step::{self, Place},
};
use crate::{http::ctx::RequestCtx, state::AppState};

/// `GET /oauth2/authorize`.
pub async fn get(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let raw = raw(Parameters::of_query(query.as_deref())?);
    let step = state.services.authorize().begin(&ctx, &raw, Door::Authorize).await;
    Ok(step::answer(&Place { state: &state, uri: &uri, headers: &headers, ctx: &ctx }, step))
}

/// `POST /oauth2/authorize`. Another site's form brings no cookie along: the request goes on by a GET, which does.
pub async fn post(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    uri: Uri,
    headers: HeaderMap,
    AsSent(parameters): AsSent,
) -> Response {
    let raw = raw(parameters);
    let authorize = state.services.authorize();
    let step = match ctx.session {
        Some(_) => authorize.begin(&ctx, &raw, Door::Authorize).await,
        None => authorize.defer(&ctx, &raw, Door::Authorize).await,
    };
    step::answer(&Place { state: &state, uri: &uri, headers: &headers, ctx: &ctx }, step)
}

/// `GET /auth/login?client_id&redirect_uri&state`: the same with `response_type=code` and the usual scopes.
pub async fn short_form(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let mut raw = raw(Parameters::of_query(query.as_deref())?);
    raw.or_set("response_type", "code");
    raw.or_set("scope", "openid profile email offline_access");
    let step = state.services.authorize().begin(&ctx, &raw, Door::ShortForm).await;
    Ok(step::answer(&Place { state: &state, uri: &uri, headers: &headers, ctx: &ctx }, step))
}

/// `GET /oauth2/resume?flow=`: after a page has done its part.
pub async fn resume(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let parameters = Parameters::of_query(query.as_deref())?;
    let flow = parameters.get(route::FLOW).unwrap_or_default();
    let step = state.services.authorize().advance(&ctx, flow).await;
    Ok(step::answer(&Place { state: &state, uri: &uri, headers: &headers, ctx: &ctx }, step))
}

fn raw(parameters: Parameters) -> RawParameters {
    RawParameters::new(parameters.0)
}
