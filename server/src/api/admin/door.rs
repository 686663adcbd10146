//! Who comes in to the admin API: the session cookie, or an admin API key as Bearer. What an endpoint needs is its
//! first parameter, so that rights are checked before the body is read.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, billing::ledger::Actor, id::ApplicationId, identity::user::GlobalRole};
use service::{
    Ctx, Error,
    security_log::{Event, Reason},
};

use crate::{
    http::{authorization::Shown, ctx::RequestCtx, error::ApiError, params},
    state::AppState,
};

/// Lets admins and superadmins pass.
pub struct Admin(pub Ctx);

/// Lets superadmins pass.
pub struct Superadmin(pub Ctx);

/// Lets those pass who may administer the application in the path.
pub struct AppAdmin(pub Ctx, pub ApplicationId);

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let ctx = authenticate(parts, state).await?;
        match ctx.role() {
            Some(GlobalRole::User) => {
                Event::AccessDenied.by(&ctx).write();
                Err(ErrorCode::InsufficientRights.into())
            }
            _ => {
                state.services.require_factor(&ctx)?;
                Ok(Self(ctx))
            }
        }
    }
}

impl FromRequestParts<AppState> for Superadmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let ctx = authenticate(parts, state).await?;
        state.services.require_superadmin(&ctx)?;
        Ok(Self(ctx))
    }
}

impl FromRequestParts<AppState> for AppAdmin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Admin(ctx) = Admin::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let id = params::path_param(parts, state).await.map_err(IntoResponse::into_response)?;
        let allowed = state.services.require_admin(&ctx, id).await;
        allowed.map_err(|error| ApiError::from(error).into_response())?;
        Ok(Self(ctx, id))
    }
}

/// The request's context with its actor: where an `Authorization` header is, the cookie does not count.
async fn authenticate(parts: &mut Parts, state: &AppState) -> Result<Ctx, ApiError> {
    let RequestCtx(mut ctx) = RequestCtx::from_request_parts(parts, state).await?;
    let shown = Shown::of(&parts.headers);
    if let Some(shown) = shown {
        ctx.session = None;
        let key = match shown.bearer() {
            Some(token) => state.services.api_keys().authenticate(token).await?,
            None => None,
        };
        ctx.actor = key.map_or(Actor::Anonymous, Actor::ApiKey);
    }
    state.services.pace(&ctx)?;
    match (ctx.actor, shown) {
        (Actor::Anonymous, Some(_)) => {
            Event::AdminKeyRejected.by(&ctx).because(Reason::WrongToken).write();
            Err(bad_key().into())
        }
        (Actor::Anonymous, None) => Err(ErrorCode::NoSession.into()),
        _ => Ok(ctx),
    }
}

fn bad_key() -> Error {
    domain::Problem::new(ErrorCode::BadCredentials, "not a valid admin API key").into()
}
