//! Who comes in: a signed-in browser, or a program with an access token that a user has let it have. Where an
//! `Authorization` header is, the cookie does not count.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{ErrorCode, Problem, billing::ledger::Actor, id::ApplicationId, oauth::scope::Scope};
use service::{
    Ctx, Services,
    oauth::userinfo::{Bearer, UserToken},
    security_log::Event,
};

use crate::{
    http::{
        authorization::Shown,
        challenge::Refused,
        ctx::RequestCtx,
        error::{ApiError, ApiResult},
    },
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
    /// `AUTH_011` for a token without `scope`, which the challenge names.
    pub fn need(&self, scope: Scope) -> ApiResult<()> {
        if self.may(scope) {
            return Ok(());
        }
        Event::AccessDenied.by(&self.ctx).write();
        let why = format!("the access token has not the scope {}", scope.as_str());
        Err(insufficient(&why, Some(scope)))
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
async fn token(services: &Services, shown: Shown<'_>) -> ApiResult<UserToken> {
    let bad = || {
        let problem = Problem::new(ErrorCode::BadCredentials, "not a valid access token");
        ApiError::from(problem).of_token(shown.is_token().then_some(Refused::Invalid))
    };
    let token = shown.bearer().ok_or_else(bad)?;
    match services.access_tokens().bearer(token).await? {
        Some(Bearer::User(token)) => token.admitted().map_err(|error| ApiError::from(error).of_token(Refused::Invalid)),
        Some(Bearer::Client(_)) => Err(insufficient("a client's own token speaks for no user", None)),
        None if services.api_keys().authenticate(token).await?.is_some() => {
            Err(insufficient("an admin API key speaks for no user", None))
        }
        None => Err(bad()),
    }
}

/// A good token that does not do for this.
fn insufficient(why: &str, scope: Option<Scope>) -> ApiError {
    ApiError::from(Problem::new(ErrorCode::InsufficientRights, why)).of_token(Refused::Insufficient(scope))
}
