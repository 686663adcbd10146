//! Stripe's errors: `{"error": {"type", "code", "message", "param"}}` with a status.

use http::StatusCode;
use serde_json::{Value, json};

/// An answer's body, or why there is none.
pub(super) type Answered<T> = Result<T, Refusal>;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub error: Value,
}

impl Refusal {
    pub fn new(status: StatusCode, kind: &str, message: &str) -> Self {
        Self { status, error: json!({ "type": kind, "message": message }) }
    }

    /// Asked wrongly: 400.
    pub fn invalid(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    pub fn missing(param: &str) -> Self {
        Self::invalid(&format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    /// Nothing of that kind and id.
    pub fn absent(kind: &str, id: &str) -> Self {
        let words = kind.replace(['_', '.'], " ");
        let message = format!("No such {words}: '{id}'");
        Self { status: StatusCode::NOT_FOUND, ..Self::invalid(&message) }.code("resource_missing").param("id")
    }

    /// A bank said no: 402.
    pub fn card(code: &str, decline_code: Option<&str>, message: &str) -> Self {
        let mut refusal = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).code(code);
        if let Some(decline_code) = decline_code {
            refusal.error["decline_code"] = decline_code.into();
        }
        refusal
    }

    pub fn code(mut self, code: &str) -> Self {
        self.error["code"] = code.into();
        self.error["doc_url"] = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
        self
    }

    pub fn param(mut self, param: &str) -> Self {
        self.error["param"] = param.into();
        self
    }

    pub fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}
