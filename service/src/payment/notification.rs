//! What a provider tells by itself. A notification only says what to ask about; what holds is what the answer says. The
//! token of a card that was kept is the exception, where no answer tells it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The headers of a request, names in lower case.
pub type Headers = Vec<(String, String)>;

/// A notification whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Two with one id are one.
    pub event_id: String,
    pub subject: Subject,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The payment of a request's key.
    Payment(Uuid),
    /// The payment that the provider knows by this name.
    Reference(String),
    /// A refund, and the payment that it gives back, by the provider's names for them.
    Refund { payment: String, refund: String },
    /// A subscription that the provider renews.
    Agreement(String),
    /// Nothing that matters here.
    Nothing,
}
