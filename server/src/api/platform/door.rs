//! Who comes in to the platform API: a confidential client, by HTTP Basic, by a client_credentials token as Bearer, or
//! by `client_id` and `client_secret` in the JSON body. One way at a time. A client that registered itself stays
//! outside: whoever has an initial access token would manage the application.

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, Problem, billing::ledger::Actor, id::ApplicationId};
use serde::Deserialize;
use service::{Ctx, Services, directory::ClientEntry, oauth::userinfo::Bearer, security_log::Event};

use crate::{
    http::{
        authorization::Shown,
        body::{self, is_json},
        challenge::Refused,
        ctx::RequestCtx,
        error::{ApiError, ApiResult},
        idempotency,
    },
    state::AppState,
};

/// What the body may say about its client.
#[derive(Default, Deserialize)]
struct Credentials {
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Middleware: the client becomes the request's actor.
pub async fn authenticate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match admit(&state.services, request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused,
    }
}

async fn admit(services: &Services, request: Request) -> Result<Request, Response> {
    let (mut parts, mut body) = request.into_parts();
    let mut ctx = context(&mut parts).await?;
    let mut credentials = Credentials::default();
    let shown = Shown::of(&parts.headers);
    if is_json(&parts.headers) {
        let bytes = body::read(body).await.map_err(IntoResponse::into_response)?;
        match body::parse(&bytes) {
            Ok(found) => credentials = found,
            // Where a header tells the client, what is wrong with the body is the endpoint's to say.
            Err(problem) if shown.is_none() && !bytes.is_empty() => {
                return Err(ApiError::from(problem).into_response());
            }
            Err(_) => {}
        }
        body = Body::from(bytes);
    }
    let found = client(services, shown, &credentials, ctx.address.as_deref()).await;
    if let Ok(client) = &found {
        ctx.actor = Actor::Client(client.client.id);
    }
    services.pace(&ctx).map_err(|error| ApiError::from(error).into_response())?;
    let client = found.map_err(IntoResponse::into_response)?;
    if client.client.is_registered {
        Event::AccessDenied.by(&ctx).client(&client).write();
        return Err(ApiError::from(ErrorCode::InsufficientRights).into_response());
    }
    ctx.client_application = Some(client.client.application_id);
    ctx.session = None;
    ctx.idempotency_key =
        idempotency::key(&parts.headers).map_err(|problem| ApiError::from(problem).into_response())?;
    parts.extensions.insert(ctx);
    Ok(Request::from_parts(parts, body))
}

async fn context(parts: &mut Parts) -> Result<Ctx, Response> {
    let RequestCtx(ctx) = RequestCtx::from_request_parts(parts, &()).await.map_err(IntoResponse::into_response)?;
    Ok(ctx)
}

async fn client(
    services: &Services,
    shown: Option<Shown<'_>>,
    body: &Credentials,
    address: Option<&str>,
) -> ApiResult<std::sync::Arc<ClientEntry>> {
    let Some(shown) = shown else {
        let Some(id) = &body.client_id else { return Err(ErrorCode::NoSession.into()) };
        let secret = body.client_secret.as_deref().unwrap_or_default();
        return Ok(services.client_auth().secret(id, secret, address)?.ok_or(ErrorCode::BadCredentials)?);
    };
    if body.client_secret.is_some() {
        let message =
            "use one way to authenticate: the Authorization header, or client_id and client_secret in the body";
        return Err(Problem::new(ErrorCode::InvalidInput, message).into());
    }
    let found = match shown {
        Shown::Other(header) => services.client_auth().basic(header, address)?,
        Shown::Dpop(_) => None,
        Shown::Bearer(token) => match services.access_tokens().bearer(token).await? {
            Some(Bearer::Client(entry)) => Some(entry),
            Some(Bearer::User(..)) => {
                return Err(ApiError::from(ErrorCode::InsufficientRights).of_token(Refused::Insufficient(None)));
            }
            None => None,
        },
    };
    let wrong = || ApiError::from(ErrorCode::BadCredentials).of_token(shown.is_token().then_some(Refused::Invalid));
    let found = found.ok_or_else(wrong)?;
    if body.client_id.as_deref().is_some_and(|id| id != found.client.client_id.as_str()) {
        return Err(Problem::field("client_id", "differs from the Authorization header").into());
    }
    Ok(found)
}

/// Takes the client's context and its application.
pub struct Client(pub Ctx, pub ApplicationId);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let RequestCtx(ctx) = RequestCtx::from_request_parts(parts, state).await?;
        let application = ctx.client_application.ok_or(ErrorCode::NoSession)?;
        Ok(Self(ctx, application))
    }
}
