//! `Idempotency-Key` of admins and their keys.

use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::id::ApplicationId;
use service::{Ctx, idempotency::Caller};

use super::door::{AppAdmin, Superadmin};
use crate::{
    http::{error::ApiError, idempotency, params::PathParam},
    state::AppState,
};

/// Middleware: POSTs with a key are executed once.
pub async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let key = match idempotency::key(request.headers()) {
        Ok(Some(key)) => key,
        Ok(None) => return next.run(request).await,
        Err(problem) => return ApiError::from(problem).into_response(),
    };
    let (mut parts, body) = request.into_parts();
    let ctx = match allowed(&mut parts, &state).await {
        Ok(ctx) => ctx,
        Err(refused) => return refused,
    };
    let caller = Caller::of(ctx.actor);
    if let Some(provided) = parts.extensions.get_mut::<Ctx>() {
        provided.idempotency_key = Some(key.clone());
    }
    let request = Request::from_parts(parts, body);
    match caller {
        Some(caller) => idempotency::once(state.services, caller, &key, request, next).await,
        None => next.run(request).await,
    }
}

/// Who asks, if they may: somebody who has lost the right gets no answer of before. POSTs outside of an application are
/// for superadmins.
async fn allowed(parts: &mut Parts, state: &AppState) -> Result<Ctx, Response> {
    let names = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
    if names.iter().any(|(name, _)| name == ApplicationId::NAME) {
        return AppAdmin::from_request_parts(parts, state).await.map(|AppAdmin(ctx, _)| ctx);
    }
    let Superadmin(ctx) = Superadmin::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
    Ok(ctx)
}
