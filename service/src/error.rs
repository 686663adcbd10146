//! What a use case answers when it does not succeed: a problem that the caller may know, or an internal error.

use domain::{ErrorCode, Problem};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused, for a reason that the caller may read.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// Went wrong inside; the source is logged and never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The code that the caller sees.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Problem(problem) => problem.code,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::Problem(code.into())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::internal(source)
    }
}
