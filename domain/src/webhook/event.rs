//! What an endpoint can be told of. An event is an entry of the ledger: it has that entry's id and moment.

use serde::{Deserialize, Serialize};

use crate::billing::ledger::Action;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// The kind of an event, as `X-Turnpike-Event` and `type` of the body name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
            /// What an admin sends to see whether an endpoint answers. Nobody subscribes to it.
            #[serde(rename = "webhook.test")]
            Test,
        }

        impl EventType {
            /// What an endpoint can ask for, in the order of pages.
            pub const SUBSCRIBABLE: &'static [Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Test => "webhook.test",
                }
            }
        }
    };
}

events! {
    UserCreated "user.created";
    MembershipCreated "membership.created";
    /// A status or roles changed.
    MembershipUpdated "membership.updated";
    PlanSelected "plan.selected";
    ClaimsUpdated "claims.updated";
    SubscriptionCreated "subscription.created";
    /// Everything between its beginning and its end: the body's `change` says what.
    SubscriptionUpdated "subscription.updated";
    SubscriptionCanceled "subscription.canceled";
    SubscriptionExpired "subscription.expired";
    PaymentSettled "payment.settled";
    /// It failed, or nobody paid in time.
    PaymentFailed "payment.failed";
    /// It went back, to the customer or by the customer's bank.
    PaymentRefunded "payment.refunded";
}

impl EventType {
    /// The event of that name, [`Self::Test`] too.
    pub fn parse(text: &str) -> Option<Self> {
        Self::SUBSCRIBABLE.iter().copied().chain([Self::Test]).find(|event| event.as_str() == text)
    }

    /// The event that an entry of the ledger is; `None` where nobody outside is told of it.
    pub const fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::UserCreated => Self::UserCreated,
            Action::MembershipCreated => Self::MembershipCreated,
            Action::MembershipUpdated => Self::MembershipUpdated,
            Action::PlanSelected => Self::PlanSelected,
            Action::ClaimsUpdated => Self::ClaimsUpdated,
            Action::SubscriptionCreated => Self::SubscriptionCreated,
            Action::SubscriptionUpdated
            | Action::SubscriptionScheduled
            | Action::SubscriptionUnscheduled
            | Action::SubscriptionRenewed
            | Action::SubscriptionPastDue
            | Action::SubscriptionRecovered
            | Action::SubscriptionPaused
            | Action::SubscriptionResumed
            | Action::TrialExtended => Self::SubscriptionUpdated,
            Action::SubscriptionCanceled => Self::SubscriptionCanceled,
            Action::SubscriptionExpired => Self::SubscriptionExpired,
            Action::PaymentSettled => Self::PaymentSettled,
            Action::PaymentFailed | Action::PaymentExpired => Self::PaymentFailed,
            Action::PaymentRefunded | Action::PaymentChargedBack => Self::PaymentRefunded,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_called_by_its_name() {
        for event in EventType::SUBSCRIBABLE.iter().copied().chain([EventType::Test]) {
            assert_eq!(EventType::parse(event.as_str()), Some(event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
        assert!(!EventType::SUBSCRIBABLE.contains(&EventType::Test));
        assert_eq!(EventType::parse("subscription.renewed"), None);
    }

    #[test]
    fn every_event_happens() {
        let born: Vec<_> = Action::ALL.iter().filter_map(|action| EventType::of(*action)).collect();
        for event in EventType::SUBSCRIBABLE {
            assert!(born.contains(event), "{}", event.as_str());
        }
        assert!(!born.contains(&EventType::Test));
    }

    /// An event has the name of its action, or says a change of the same thing.
    #[test]
    fn an_event_speaks_of_what_its_action_does() {
        for action in Action::ALL {
            let thing = |text: &'static str| text.split('.').next();
            if let Some(event) = EventType::of(*action) {
                assert_eq!(thing(event.as_str()), thing(action.as_str()));
            }
            if let Some(named) = EventType::parse(action.as_str()) {
                assert_eq!(EventType::of(*action), Some(named));
            }
        }
        assert_eq!(EventType::of(Action::SubscriptionRenewed), Some(EventType::SubscriptionUpdated));
        assert_eq!(EventType::of(Action::PaymentExpired), Some(EventType::PaymentFailed));
        assert_eq!(EventType::of(Action::PaymentChargedBack), Some(EventType::PaymentRefunded));
        assert_eq!(EventType::of(Action::PaymentCreated), None);
    }
}
