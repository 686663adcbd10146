//! Why a protocol endpoint refused: in the protocol's words, or for a reason inside.

use domain::{
    ErrorCode,
    oauth::error::{OAuthError, OAuthErrorCode},
};

use crate::Error;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] OAuthError),
    #[error(transparent)]
    Service(#[from] Error),
}

impl Failure {
    /// What the client reads; nothing of what went wrong inside.
    pub fn public(&self) -> OAuthError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Service(_) if self.retry_after().is_some() => OAuthError::too_many_requests(),
            Self::Service(_) => OAuthError::new(OAuthErrorCode::ServerError, "internal error"),
        }
    }

    /// Seconds after which the same may be asked again, where it came too often.
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Service(Error::Problem(problem)) if problem.code == ErrorCode::RateLimited => problem.retry_after(),
            _ => None,
        }
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Service(error.into())
    }
}
