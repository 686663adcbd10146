//! Why a protocol endpoint refused: in the protocol's words, or for a reason inside.

use domain::oauth::error::{OAuthError, OAuthErrorCode};

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
            Self::Service(_) => OAuthError::new(OAuthErrorCode::ServerError, "internal error"),
        }
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Service(error.into())
    }
}
