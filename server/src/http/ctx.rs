//! Puts a [`Ctx`] into every request's extensions and, where browsers come with their cookies, who asks.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{
        HeaderMap,
        header::{ACCEPT_LANGUAGE, USER_AGENT},
        request::Parts,
    },
    middleware::Next,
    response::Response,
};
use domain::{ErrorCode, Locale, Secret, billing::ledger::Actor};
use service::Ctx;

use super::{cookie, error::ApiError, peer};
use crate::state::AppState;

/// Middleware: the circumstances of a request; its actor is anonymous.
pub async fn provide(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut ctx = Ctx::anonymous();
    ctx.request_id = text(headers, "x-request-id");
    ctx.user_agent = text(headers, USER_AGENT.as_str());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    ctx.address = peer.map(|peer| peer::address(peer.0.ip(), headers, &state.trusted_proxies).to_string());
    ctx.locale = cookie::read(&state, headers, "locale")
        .and_then(|tag| Locale::from_tag(&tag))
        .or_else(|| Locale::negotiate(&text(headers, ACCEPT_LANGUAGE.as_str())?));
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

/// Middleware, inside of [`provide`]: a live session of the cookie becomes the actor. Not for what only programs ask,
/// who show their own credentials.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let device = cookie::device(&state, request.headers());
    if let Some(ctx) = request.extensions_mut().get_mut::<Ctx>() {
        ctx.device = device.map(Secret::new);
    }
    if let Some(token) = cookie::session(&state, request.headers())
        && let Some(session) = state.services.sessions().find(&token).await?
        && let Some(ctx) = request.extensions_mut().get_mut::<Ctx>()
    {
        ctx.actor = Actor::User(session.user.id);
        ctx.session = Some(session);
    }
    Ok(next.run(request).await)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Takes the request's [`Ctx`].
pub struct RequestCtx(pub Ctx);

impl<S: Sync> FromRequestParts<S> for RequestCtx {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let ctx = parts.extensions.get::<Ctx>().cloned();
        ctx.map(Self).ok_or_else(|| ErrorCode::Internal.into())
    }
}

/// Takes the address that the request came from.
pub struct PeerAddress(pub Option<String>);

impl<S: Sync> FromRequestParts<S> for PeerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Ctx>().and_then(|ctx| ctx.address.clone())))
    }
}
