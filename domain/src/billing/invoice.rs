//! Invoices: what the engine asks for when a period begins, with the attempts to collect it.

use serde::{Deserialize, Serialize};

use super::{quote::Quote, subscription::Period};
use crate::{
    Timestamp,
    id::{InvoiceId, SubscriptionId},
    text::{Slug, text},
};

text!(
    /// What people call an invoice: `ACME-000123`, unique in its application and counted without gaps.
    InvoiceNumber,
    |text| {
        let parts = text.rsplit_once('-');
        let digits = |count: &str| count.len() >= 6 && count.bytes().all(|c| c.is_ascii_digit());
        let prefix = |slug: &str| !slug.is_empty() && slug.bytes().all(|c| matches!(c, b'A'..=b'Z' | b'0'..=b'9' | b'-'));
        if !parts.is_some_and(|(slug, count)| prefix(slug) && digits(count)) {
            return Err("must be a number such as ACME-000123".into());
        }
        Ok(text.to_owned())
    }
);

impl InvoiceNumber {
    /// The invoice number `count` of the application `slug`, counted from 1.
    pub fn new(slug: &Slug, count: u32) -> Self {
        Self(format!("{}-{count:06}", slug.as_str().to_ascii_uppercase()))
    }
}

/// The name of a state, as APIs and columns show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Open, Self::Paid, Self::Void, Self::Uncollectible];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// To be paid by `due_at`.
    Open {
        due_at: Timestamp,
    },
    Paid {
        at: Timestamp,
    },
    /// Taken back: nobody owes it.
    Void {
        at: Timestamp,
    },
    /// Given up when the grace ended; money that comes yet is taken.
    Uncollectible {
        at: Timestamp,
    },
}

/// What may happen to an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Pay { at: Timestamp },
    Void { at: Timestamp },
    GiveUp { at: Timestamp },
}

/// The event does not apply in this state. Money for a void or a paid invoice becomes credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to an invoice that is {}", status.as_str())]
pub struct InvalidTransition {
    pub status: Status,
    pub event: Event,
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Open { .. } => Status::Open,
            Self::Paid { .. } => Status::Paid,
            Self::Void { .. } => Status::Void,
            Self::Uncollectible { .. } => Status::Uncollectible,
        }
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the event does not apply here: paid and void are final.
    pub const fn apply(self, event: Event) -> Result<Self, InvalidTransition> {
        use {Event as E, State as S};
        Ok(match (self, event) {
            (S::Open { .. } | S::Uncollectible { .. }, E::Pay { at }) => S::Paid { at },
            (S::Open { .. } | S::Uncollectible { .. }, E::Void { at }) => S::Void { at },
            (S::Open { .. }, E::GiveUp { at }) => S::Uncollectible { at },
            (state, event) => return Err(InvalidTransition { status: state.status(), event }),
        })
    }
}

/// The attempts to charge an invoice, and the reminders of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempts {
    /// How many charges were started.
    pub started: u32,
    /// How many of them failed: fewer than `started` while the outcome of the last one is not known.
    pub failed: u32,
    /// When the first one failed; the retries are counted from here.
    pub first_failed_at: Option<Timestamp>,
    /// The moment that the last reminder was due.
    pub reminded_at: Option<Timestamp>,
}

impl Attempts {
    /// A charge is under way, and nobody knows its outcome.
    pub const fn in_flight(&self) -> bool {
        self.failed < self.started
    }

    /// One more charge is started; unchanged while another is under way.
    pub const fn start(self) -> Self {
        if self.in_flight() { self } else { Self { started: self.started.saturating_add(1), ..self } }
    }

    /// The charge that is under way failed at `at`; unchanged when none is.
    pub fn fail(self, at: Timestamp) -> Self {
        if !self.in_flight() {
            return self;
        }
        Self { failed: self.started, first_failed_at: self.first_failed_at.or(Some(at)), ..self }
    }

    /// The reminder that was due at `at` has been sent.
    pub fn remind(self, at: Timestamp) -> Self {
        Self { reminded_at: self.reminded_at.max(Some(at)), ..self }
    }
}

/// An invoice for a period of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    pub id: InvoiceId,
    pub number: InvoiceNumber,
    pub subscription_id: SubscriptionId,
    /// What it is for. At most one invoice of a subscription that is not void has this start.
    pub period: Period,
    /// What that period and its successors are counted from.
    pub anchor: Timestamp,
    pub quote: Quote,
    pub state: State,
    pub attempts: Attempts,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::billing::subscription::tests::epoch;

    fn at(seconds: i64) -> Timestamp {
        epoch() + TimeDelta::seconds(seconds)
    }

    fn event() -> impl Strategy<Value = Event> {
        let when = || (0_i64..100).prop_map(at);
        prop_oneof![
            when().prop_map(|at| Event::Pay { at }),
            when().prop_map(|at| Event::Void { at }),
            when().prop_map(|at| Event::GiveUp { at }),
        ]
    }

    #[test]
    fn numbers_carry_the_slug() {
        let number = InvoiceNumber::new(&Slug::parse("acme-2").unwrap(), 123);
        assert_eq!(number.as_str(), "ACME-2-000123");
        assert_eq!(InvoiceNumber::parse(number.as_str()), Ok(number));
        assert_eq!(InvoiceNumber::new(&Slug::parse("a").unwrap(), 12_345_678).as_str(), "A-12345678");
        for bad in ["", "ACME", "ACME-1", "-000001", "acme-000001"] {
            assert!(InvoiceNumber::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn money_that_comes_after_the_grace_is_taken() {
        let given_up = State::Uncollectible { at: at(1) };
        assert_eq!(given_up.apply(Event::Pay { at: at(2) }), Ok(State::Paid { at: at(2) }));
        assert!(State::Void { at: at(1) }.apply(Event::Pay { at: at(2) }).is_err());
    }

    proptest! {
        #[test]
        fn it_is_paid_once_and_never_after_it_was_void(events in prop::collection::vec(event(), 0..20)) {
            let mut state = State::Open { due_at: at(50) };
            for event in events {
                match state.apply(event) {
                    Ok(next) => {
                        prop_assert!(!matches!(state.status(), Status::Paid | Status::Void));
                        state = next;
                    }
                    Err(refused) => prop_assert_eq!(refused.status, state.status()),
                }
            }
            prop_assert_eq!(Status::parse(state.status().as_str()), Some(state.status()));
        }

        #[test]
        fn one_charge_at_a_time(moves in prop::collection::vec(any::<bool>(), 0..20)) {
            let mut attempts = Attempts::default();
            for (n, start) in moves.into_iter().enumerate() {
                attempts = if start { attempts.start() } else { attempts.fail(at(n as i64)) };
                prop_assert!(attempts.started - attempts.failed <= 1);
                prop_assert_eq!(attempts.first_failed_at.is_some(), attempts.failed > 0);
            }
        }
    }
}
