//! Deliveries: one event on its way to one endpoint.

use serde::{Deserialize, Serialize};

use super::event::EventType;
use crate::{
    Timestamp,
    id::{LedgerId, WebhookDeliveryId, WebhookEndpointId},
};

/// How many bytes of an answer are kept.
pub const MAX_ANSWER: usize = 1024;

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    /// The same for every endpoint, and in every attempt: the header `webhook-id`.
    pub event_id: LedgerId,
    pub event: EventType,
    pub created_at: Timestamp,
    pub state: DeliveryState,
    /// How often it was tried since it was queued, or sent again.
    pub attempts: u32,
    /// The last time that it was tried.
    pub last: Option<Attempt>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Waiting {
        next_at: Timestamp,
    },
    Delivered {
        at: Timestamp,
    },
    /// It was given up.
    Failed,
}

impl DeliveryState {
    pub const fn status(self) -> DeliveryStatus {
        match self {
            Self::Waiting { .. } => DeliveryStatus::Waiting,
            Self::Delivered { .. } => DeliveryStatus::Delivered,
            Self::Failed => DeliveryStatus::Failed,
        }
    }
}

/// A [`DeliveryState`] by its name, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    Waiting,
    Delivered,
    Failed,
}

impl DeliveryStatus {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One try, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Timestamp,
    /// The status of HTTP; `None` when nothing was answered.
    pub status: Option<u16>,
    /// The beginning of the answer, [`MAX_ANSWER`] bytes at most.
    pub answer: String,
    /// Why there was no answer, in English.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_name() {
        let at = Timestamp::UNIX_EPOCH;
        let states = [DeliveryState::Waiting { next_at: at }, DeliveryState::Delivered { at }, DeliveryState::Failed];
        assert_eq!(states.map(DeliveryState::status), DeliveryStatus::ALL);
        for status in DeliveryStatus::ALL {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
        }
    }
}
