//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0).

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::{Locale, oauth::authorize::with_query, route};
use service::{
    Ctx,
    oauth::logout::{LogoutRequest, LogoutStep},
};

use super::{AsSent, Parameters, answer};
use crate::{
    http::{cookie, ctx::RequestCtx, error::ApiError, redirect::see_other},
    state::AppState,
};

/// Names a request that was posted.
const SENT: &str = "sent";
/// The longest address that a POST goes on to, in bytes: proxies often take no more than 8 KiB.
const LONGEST: usize = 8000;

pub async fn get(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let parameters = Parameters::of_query(query.as_deref())?;
    let sent = parameters.get(SENT).and_then(|sent| state.services.logout().unseal(sent));
    let sent = sent.unwrap_or_else(|| request(&parameters));
    respond(&state, &ctx, &headers, &sent).await.map_err(IntoResponse::into_response)
}

/// Another site's form brings no cookie along, so that nothing says who is signed in here: the request goes on by a
/// GET, which does.
pub async fn post(
    State(state): State<AppState>,
    RequestCtx(ctx): RequestCtx,
    headers: HeaderMap,
    AsSent(parameters): AsSent,
) -> Result<Response, ApiError> {
    if ctx.session.is_some() {
        return respond(&state, &ctx, &headers, &request(&parameters)).await;
    }
    let request = request(&parameters);
    let asks = route::sign_out(request.ui_locale);
    let again = with_query(route::LOGOUT, &[(SENT, state.services.logout().seal(request)?)]);
    // What an address cannot hold proves nothing: a page asks.
    Ok(answer::no_store(see_other(if again.len() > LONGEST { &asks } else { &again })))
}

fn request(parameters: &Parameters) -> LogoutRequest {
    let given = |name| parameters.get(name).map(str::to_owned);
    LogoutRequest {
        id_token_hint: given("id_token_hint"),
        client_id: given("client_id"),
        post_logout_redirect_uri: given("post_logout_redirect_uri"),
        state: given("state"),
        ui_locale: parameters.get(route::UI_LOCALES).and_then(Locale::of_client),
    }
}

async fn respond(
    state: &AppState,
    ctx: &Ctx,
    headers: &HeaderMap,
    request: &LogoutRequest,
) -> Result<Response, ApiError> {
    let next = match state.services.logout().begin(ctx, request).await? {
        LogoutStep::Ask => return Ok(answer::no_store(see_other(&route::sign_out(request.ui_locale)))),
        LogoutStep::Done => see_other(&route::sign_out(request.ui_locale)),
        LogoutStep::Redirect(uri) => see_other(&uri),
    };
    let mut response = answer::no_store(next);
    cookie::leave(state, headers, response.headers_mut()).await?;
    Ok(response)
}
