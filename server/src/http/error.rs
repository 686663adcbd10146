//! The error envelope of `/api`: `{"error":{"code","message","details?"}}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, Problem};
use serde_json::{Map, Value, json};

/// What a handler of `/api` answers when it does not succeed.
#[derive(Debug)]
pub struct ApiError(pub service::Error);

pub type ApiResult<T> = Result<T, ApiError>;

impl<E: Into<service::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = match self.0 {
            service::Error::Problem(problem) => problem,
            service::Error::Internal(source) => {
                tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
                Problem::new(ErrorCode::Internal, "internal error")
            }
        };
        let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut error = json!({ "code": problem.code.as_str(), "message": problem.message });
        let mut details = Map::new();
        if !problem.fields.is_empty() {
            details.insert("fields".into(), json!(problem.fields));
        }
        for (name, value) in problem.facts {
            details.insert(name.into(), value.into());
        }
        if !details.is_empty() {
            error["details"] = Value::Object(details);
        }
        (status, Json(json!({ "error": error }))).into_response()
    }
}
