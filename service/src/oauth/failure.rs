//! Why a protocol endpoint refused: in the protocol's words, or for a reason inside.

use domain::{
    ErrorCode,
    oauth::error::{OAuthError, OAuthErrorCode},
};
use sea_orm::{DbErr, SqlErr};

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

    /// Why a row of a client's could not be written. A client that was deleted since it proved itself is none.
    pub(super) fn unwritten(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => OAuthError::invalid_client("the client is gone").into(),
            _ => error.into(),
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

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Service(error.into())
    }
}
