//! The browsers in which one is signed in.

use domain::{ErrorCode, id::SessionId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{http::params::PathParam, state::AppState};

mod end;
mod list;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(end::end))
}

/// A session in a path. What is no id names none.
pub struct Named(Option<SessionId>);

impl PathParam for Named {
    const NAME: &'static str = "sessionId";
    const MISSING: ErrorCode = ErrorCode::InvalidInput;

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.parse().ok()))
    }
}
