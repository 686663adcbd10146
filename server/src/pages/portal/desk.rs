//! What every page of the portal starts from: a visitor whose access still holds, and the ways to answer.

use app::{form::Fault, look::Product};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, id::ApplicationId};
use service::{Ctx, Services, portal::Visitor};

use super::closed;
use crate::{
    http::{cookie, error::status_of},
    pages::{
        asked::{Asked, Fields},
        error,
    },
    state::AppState,
};

/// A request of somebody in front of the portal.
pub struct Desk {
    pub asked: Asked,
    /// With the member for an actor.
    pub ctx: Ctx,
    pub visitor: Visitor,
}

/// The visitor whose cookie a request carries.
///
/// # Errors
/// The database's own.
pub async fn visitor(state: &AppState, headers: &HeaderMap) -> service::Result<Option<Visitor>> {
    match cookie::portal(state, headers) {
        Some(sealed) => state.services.portal().visitor(&sealed).await,
        None => Ok(None),
    }
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let asked = Asked::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        match visitor(&asked.state, &asked.headers).await {
            Ok(Some(visitor)) => Ok(Self::of(asked, visitor)),
            Ok(None) => Err(closed::page(&asked, None)),
            Err(error) => Err(asked.fail(error)),
        }
    }
}

impl Desk {
    pub fn of(mut asked: Asked, visitor: Visitor) -> Self {
        asked.prefer(visitor.holder.user.locale);
        asked.speak_for(visitor.application.application.id);
        let ctx = visitor.ctx(&asked.ctx);
        Self { asked, ctx, visitor }
    }

    pub fn services(&self) -> &Services {
        self.asked.services()
    }

    pub fn application(&self) -> ApplicationId {
        self.visitor.application.application.id
    }

    pub fn product(&self) -> Product {
        error::product(&self.visitor.application)
    }

    /// The form was made for this visit: another one, of another application, may have begun in the same browser.
    pub fn is_for(&self, fields: &Fields) -> bool {
        fields.get("of") == self.application().to_string()
    }
}

/// What a page says of a refusal; an error that no page can say is given back.
///
/// # Errors
/// An internal error.
pub fn fault(error: service::Error) -> Result<(Fault, StatusCode), service::Error> {
    match error.code() {
        ErrorCode::Internal => Err(error),
        // Another tab, another click, or time was faster.
        ErrorCode::PlanNotFound | ErrorCode::SubscriptionExpired | ErrorCode::AlreadySubscribed => {
            Ok((Fault::Stale, StatusCode::CONFLICT))
        }
        code => Ok((Fault::Code(code), status_of(code))),
    }
}
