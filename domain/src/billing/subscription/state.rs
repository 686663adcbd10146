//! The states of a subscription, and which event leads from one to the next.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The name of a state, as APIs and pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Incomplete,
    Trialing,
    Active,
    PastDue,
    Paused,
    Canceled,
    Expired,
}

impl Status {
    pub const ALL: [Self; 7] =
        [Self::Incomplete, Self::Trialing, Self::Active, Self::PastDue, Self::Paused, Self::Canceled, Self::Expired];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a subscription stands, with what belongs to that standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// The first payment has not arrived.
    Incomplete,
    /// Free until `ends_at`, when it is paid or over.
    Trialing {
        ends_at: Timestamp,
    },
    Active,
    /// A payment failed; features stay until `grace_until`.
    PastDue {
        since: Timestamp,
        grace_until: Timestamp,
    },
    /// Holds the plan without its features.
    Paused {
        since: Timestamp,
    },
    /// Ended by a decision.
    Canceled {
        at: Timestamp,
    },
    /// Ended by time.
    Expired {
        at: Timestamp,
    },
}

/// What may happen to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    StartTrial {
        ends_at: Timestamp,
    },
    /// Paid, or granted without payment.
    Activate,
    PaymentFailed {
        at: Timestamp,
        grace_until: Timestamp,
    },
    Pause {
        at: Timestamp,
    },
    Resume,
    Cancel {
        at: Timestamp,
    },
    Expire {
        at: Timestamp,
    },
}

/// The event does not apply in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to a subscription that is {}", status.as_str())]
pub struct InvalidTransition {
    pub status: Status,
    pub event: Event,
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Incomplete => Status::Incomplete,
            Self::Trialing { .. } => Status::Trialing,
            Self::Active => Status::Active,
            Self::PastDue { .. } => Status::PastDue,
            Self::Paused { .. } => Status::Paused,
            Self::Canceled { .. } => Status::Canceled,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// Canceled or expired: nothing changes it any more.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Canceled { .. } | Self::Expired { .. })
    }

    /// When the grace is over; `None` where nothing is owed.
    pub const fn grace_until(&self) -> Option<Timestamp> {
        match self {
            Self::PastDue { grace_until, .. } => Some(*grace_until),
            _ => None,
        }
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the event does not apply here; a final state takes none.
    pub const fn apply(self, event: Event) -> Result<Self, InvalidTransition> {
        use {Event as E, State as S};
        Ok(match (self, event) {
            (S::Incomplete, E::StartTrial { ends_at }) => S::Trialing { ends_at },
            (S::Incomplete | S::Trialing { .. } | S::Active | S::PastDue { .. }, E::Activate)
            | (S::Paused { .. }, E::Resume) => S::Active,
            (S::Trialing { .. } | S::Active, E::PaymentFailed { at, grace_until }) => {
                S::PastDue { since: at, grace_until }
            }
            // Another failure does not prolong the grace.
            (past_due @ S::PastDue { .. }, E::PaymentFailed { .. }) => past_due,
            (S::Trialing { .. } | S::Active, E::Pause { at }) => S::Paused { since: at },
            (S::Canceled { .. } | S::Expired { .. }, event) => {
                return Err(InvalidTransition { status: self.status(), event });
            }
            (_, E::Cancel { at }) => S::Canceled { at },
            (_, E::Expire { at }) => S::Expired { at },
            (state, event) => return Err(InvalidTransition { status: state.status(), event }),
        })
    }
}
