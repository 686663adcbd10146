//! What Midtrans says when it does not do something.

use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::http::Answer;

/// See the module.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// Of the Core API: the code is in the body.
    pub fn core(code: u16, message: &str) -> Self {
        let body = json!({ "status_code": code.to_string(), "status_message": message, "id": ID });
        Self { status: StatusCode::OK, body }
    }

    /// A body of the Core API that does not make sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        let mut refusal = Self::core(400, "One or more parameters in the payload is invalid.");
        refusal.body["validation_messages"] = json!([message.into()]);
        refusal
    }

    pub fn unauthorized() -> Self {
        let message = "Transaction cannot be authorized with the current client/server key.";
        Self { status: StatusCode::UNAUTHORIZED, ..Self::core(401, message) }
    }

    /// Of Snap.
    pub fn snap(status: u16, message: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, body: json!({ "error_messages": [message] }) }
    }

    /// Of subscriptions.
    pub fn subscription(status: u16, message: &str, flaws: &[&str]) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut body = json!({ "status_message": message });
        if !flaws.is_empty() {
            body["validation_messages"] = json!(flaws);
        }
        Self { status, body }
    }

    pub fn answer(&self) -> Answer {
        Answer::json(self.status, &self.body)
    }
}

/// Errors name themselves; which one it is says nothing.
const ID: &str = "ea5c461f-338a-4530-ad00-f0fb6bff1749";
