//! Who comes in: a signed-in browser, or a program with an access token that a user has let it have. Where an
//! `Authorization` header is, the cookie does not count.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{ErrorCode, Problem, billing::ledger::Actor, id::ApplicationId, oauth::scope::Scope};
use service::{
    Ctx, Error, Services,
    oauth::userinfo::{Bearer, UserToken},
    security_log::Event,
};

use crate::{
    http::{authorization::Shown, ctx::RequestCtx, error::ApiError},
    state::AppState,
};

/// A user who asks about themselves.
pub struct User {
    pub ctx: Ctx,
    /// The access token; nothing where a browser asks.
    token: Option<UserToken>,
}

/// Lets users pass; a token with the scope `openid`.
pub struct Reader(pub User);

/// Lets users pass; a token with the scope `profile`.
pub struct Editor(pub User);

/// Lets users pass; a token with the scope `org`.
pub struct Member(pub User);

impl User {
    /// The application that a request is about: a token's own, or the one that a browser names.
    ///
    /// # Errors
    /// `APP_001` when neither says; `APP_002` for another than the token's.
    pub fn application(&self, named: Option<ApplicationId>) -> Result<ApplicationId, Problem> {
        match (self.token.as_ref().map(|token| token.application), named) {
            (Some(own), Some(named)) if own != named => Err(ErrorCode::ApplicationNotFound.into()),
            (Some(id), _) | (None, Some(id)) => Ok(id),
            (None, None) => Err(Problem::field("applicationId", "is required without an access token")),
        }
    }

    /// Whether what comes with `scope` is theirs to see and change: everything in a browser, by a token what its scopes
    /// say.
    pub fn may(&self, scope: Scope) -> bool {
        self.token.as_ref().is_none_or(|token| token.scopes.contains(scope))
    }

    /// # Errors
    /// `AUTH_011` for a token without `scope`.
    pub fn need(&self, scope: Scope) -> Result<(), Problem> {
        if self.may(scope) {
            return Ok(());
        }
        Event::AccessDenied.by(&self.ctx).write();
        let why = format!("the access token has not the scope {}", scope.as_str());
        Err(Problem::new(ErrorCode::InsufficientRights, why))
    }
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        authenticate(parts, state, Scope::Openid).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Editor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        authenticate(parts, state, Scope::Profile).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        authenticate(parts, state, Scope::Org).await.map(Self)
    }
}

async fn authenticate(parts: &mut Parts, state: &AppState, needs: Scope) -> Result<User, ApiError> {
    let RequestCtx(mut ctx) = RequestCtx::from_request_parts(parts, state).await?;
    let Some(shown) = Shown::of(&parts.headers) else {
        state.services.pace(&ctx)?;
        let signed_in = ctx.session.is_some() && matches!(ctx.actor, Actor::User(_));
        return if signed_in { Ok(User { ctx, token: None }) } else { Err(ErrorCode::NoSession.into()) };
    };
    ctx.session = None;
    let token = token(&state.services, shown).await;
    (ctx.actor, ctx.sid) = match &token {
        Ok(token) => (Actor::User(token.user), token.session),
        Err(_) => (Actor::Anonymous, None),
    };
    state.services.pace(&ctx)?;
    let user = User { ctx, token: Some(token?) };
    user.need(needs)?;
    Ok(user)
}

/// The token that the header shows.
async fn token(services: &Services, shown: Shown<'_>) -> Result<UserToken, ApiError> {
    let token = shown.bearer().ok_or_else(bad_token)?;
    let token = match services.access_tokens().bearer(token).await? {
        Some(Bearer::User(token)) => token.admitted()?,
        Some(Bearer::Client(_)) => return Err(refused("a client's own token speaks for no user")),
        None if services.api_keys().authenticate(token).await?.is_some() => {
            return Err(refused("an admin API key speaks for no user"));
        }
        None => return Err(bad_token().into()),
    };
    Ok(token)
}

fn refused(why: &str) -> ApiError {
    Problem::new(ErrorCode::InsufficientRights, why).into()
}

fn bad_token() -> Error {
    Problem::new(ErrorCode::BadCredentials, "not a valid access token").into()
}
