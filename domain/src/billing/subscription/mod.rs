//! A membership's hold on a plan, as a state machine. Transitions consume the state and may fail; what the clock
//! does by itself is [`Subscription::settle`].

mod settle;
mod source;
mod state;

use serde::{Deserialize, Serialize};

pub use source::Source;
pub use state::{Event, InvalidTransition, State, Status};

use crate::{
    Timestamp,
    id::{MembershipId, PlanId, PriceId, SubscriptionId},
};

/// What is paid for: from `start` to `end`, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A change of plan or price that the clock brings, and that can still be undone. On a trial it says what the trial
/// turns into; a trial without one ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    pub plan_id: PlanId,
    /// `None` for a plan that is free.
    pub price_id: Option<PriceId>,
    /// The end of the period or of the trial.
    pub at: Timestamp,
}

/// A membership's hold on a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub membership_id: MembershipId,
    pub plan_id: PlanId,
    /// The price that is billed; `None` when nothing is.
    pub price_id: Option<PriceId>,
    pub state: State,
    pub source: Source,
    pub period: Option<Period>,
    /// After this moment it counts as none.
    pub expires_at: Option<Timestamp>,
    /// A cancellation that has been asked for and can still be undone.
    pub cancel_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
    pub started_at: Timestamp,
}

/// Why its user cannot take another plan in the place of the one that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// Somebody else decided for it.
    Assigned,
    /// It has to go on first.
    Paused,
}

/// How the clock ended a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The moment of the end, perhaps long before anybody noticed.
    pub at: Timestamp,
    pub state: State,
}

impl Subscription {
    /// A provider bills it: only the billing pages may change it.
    pub const fn is_billed(&self) -> bool {
        matches!(self.source, Source::Provider)
    }

    /// Why its user cannot take another plan in its place; `None` where they can. What is billed they change by an
    /// order.
    pub const fn fixed(&self) -> Option<Fixed> {
        match self.state {
            _ if !self.is_billed() && !self.source.user_may_change() => Some(Fixed::Assigned),
            State::Paused { .. } => Some(Fixed::Paused),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
