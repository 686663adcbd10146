//! What a server function answers when it does not succeed.

use domain::{ErrorCode, FieldError};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A refusal with its code, or an internal error that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Failure {
    pub code: ErrorCode,
    /// A sentence in English, for admins.
    pub message: String,
    /// The fields at fault, where fields are.
    pub fields: Vec<FieldError>,
    /// Facts by name, such as `activeSubscribers`.
    pub facts: Vec<(String, i64)>,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<i64> {
        self.facts.iter().find(|(fact, _)| fact == name).map(|(_, value)| *value)
    }
}

impl From<domain::Problem> for Failure {
    fn from(problem: domain::Problem) -> Self {
        Self {
            code: problem.code,
            message: problem.message,
            fields: problem.fields,
            facts: problem.facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        domain::Problem::from(code).into()
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                ErrorCode::InvalidInput.into()
            }
            _ => ErrorCode::Internal.into(),
        }
    }
}
