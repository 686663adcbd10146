//! The error envelope of `/api`: `{"error":{"code","message","details?"}}`.

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, FieldError, Problem};
use serde_json::{Map, Value, json};

use super::challenge::{BEARER, Refused};

/// An error's status as HTTP has it.
pub fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The status that answers with an error code.
pub fn status_of(code: ErrorCode) -> StatusCode {
    status(code.status())
}

/// What a handler of `/api` answers when it does not succeed.
#[derive(Debug)]
pub struct ApiError {
    error: service::Error,
    /// What is wrong with the access token that was shown.
    token: Option<Refused>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl<E: Into<service::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self { error: error.into(), token: None }
    }
}

impl ApiError {
    /// The same, with a challenge that tells why the access token that was shown is refused; `None` where none was.
    pub fn of_token(self, refused: impl Into<Option<Refused>>) -> Self {
        Self { token: refused.into(), ..self }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = match self.error {
            service::Error::Problem(problem) => problem,
            service::Error::Internal(source) => {
                tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
                Problem::new(ErrorCode::Internal, "internal error")
            }
        };
        let challenge = self.token.and_then(|refused| refused.challenge(&problem.message));
        let mut response = envelope(status_of(problem.code), problem);
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A request that HTTP itself refuses: invalid input with a status of its own, such as 405, 413 or 415.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub problem: Problem,
}

impl Refusal {
    /// `APP_001` with `status`.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, problem: Problem::new(ErrorCode::InvalidInput, message) }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { status: status_of(problem.code), problem }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        envelope(self.status, self.problem)
    }
}

/// The envelope with `status`, and when to try again where it came too often.
pub fn envelope(status: StatusCode, problem: Problem) -> Response {
    let wait = problem.retry_after();
    let mut error = json!({ "code": problem.code.as_str(), "message": problem.message });
    let mut details = Map::new();
    if !problem.fields.is_empty() {
        let field = |error: &FieldError| json!({ "field": error.field, "message": error.flaw.to_string() });
        details.insert("fields".into(), problem.fields.iter().map(field).collect());
    }
    for (name, value) in problem.facts {
        details.insert(name.into(), value.into());
    }
    if !details.is_empty() {
        error["details"] = Value::Object(details);
    }
    let mut response = (status, Json(json!({ "error": error }))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // Also where HTTP Basic would do: a browser must not ask for a password of its own accord.
        response.headers_mut().insert(WWW_AUTHENTICATE, BEARER);
    }
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
