//! What Midtrans posts to the merchant.

use serde_json::{Map, Value};

/// A notification as it leaves. Whether it arrives, when, in which order and how often is the test's choice.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Where it goes: the dashboard's address when the request named no other.
    pub url: Option<String>,
    pub order_id: String,
    /// `transaction_status`, `account_status` or the event's name.
    pub what: String,
    /// The body, byte for byte.
    pub body: String,
}

impl Notification {
    /// Its body, to be read or changed.
    pub fn json(&self) -> Map<String, Value> {
        serde_json::from_str(&self.body).expect("a notification is an object")
    }

    /// The same with another body: what somebody who does not know the key would send.
    pub fn forged(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Self {
        let mut body = self.json();
        change(&mut body);
        Self { body: Value::Object(body).to_string(), ..self.clone() }
    }
}
