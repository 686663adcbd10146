//! Payments. Providers tell what happened in any order, more than once, and sometimes late; what is known only grows,
//! so that every order of the same facts ends in the same state.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::{Currency, Money, Problem, Timestamp, id::PaymentId};

/// Whether real money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Live,
    Test,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Live, Self::Test].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// The name of a state, as APIs and columns show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Succeeded,
    Differs,
    PartiallyRefunded,
    Refunded,
    Failed,
    Expired,
    Disputed,
    ChargedBack,
}

impl Status {
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Succeeded,
        Self::Differs,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Failed,
        Self::Expired,
        Self::Disputed,
        Self::ChargedBack,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Differs => "differs",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Disputed => "disputed",
            Self::ChargedBack => "charged_back",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    Pending,
    Succeeded {
        at: Timestamp,
    },
    /// Money came, but another amount than was asked for: it grants nothing.
    Differs {
        at: Timestamp,
        received: Money,
    },
    PartiallyRefunded {
        at: Timestamp,
        refunded: Money,
    },
    Refunded {
        at: Timestamp,
    },
    Failed {
        at: Timestamp,
    },
    /// Nobody paid in time.
    Expired {
        at: Timestamp,
    },
    /// The bank asks whether it was right; the money may go back.
    Disputed {
        at: Timestamp,
    },
    /// The dispute was lost, and the money is gone.
    ChargedBack {
        at: Timestamp,
    },
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Differs { .. } => Status::Differs,
            Self::PartiallyRefunded { .. } => Status::PartiallyRefunded,
            Self::Refunded { .. } => Status::Refunded,
            Self::Failed { .. } => Status::Failed,
            Self::Expired { .. } => Status::Expired,
            Self::Disputed { .. } => Status::Disputed,
            Self::ChargedBack { .. } => Status::ChargedBack,
        }
    }

    /// Money of the right amount is there, if not all of it: what was bought holds.
    pub const fn is_paid(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::PartiallyRefunded { .. } | Self::Disputed { .. })
    }
}

/// Something that a provider says about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    Pending,
    Succeeded {
        amount: Money,
    },
    /// An attempt failed; a later one may succeed.
    Failed,
    Expired,
    /// The sum of all refunds so far.
    Refunded {
        total: Money,
    },
    Disputed,
    DisputeWon,
    DisputeLost,
}

/// An amount with the moment at which it was first reported; the larger amount is the later knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reported {
    amount: Money,
    at: Timestamp,
}

/// What is known: each entry only moves one way, whatever the order of the facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    succeeded: Option<Reported>,
    refunded: Option<Reported>,
    failed: Option<Timestamp>,
    expired: Option<Timestamp>,
    disputed: Option<Timestamp>,
    won: Option<Timestamp>,
    lost: Option<Timestamp>,
}

/// A fact about money of another currency than was asked for. It is for a person to look at, and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} was asked for and {} reported", expected.code(), reported.code())]
pub struct OtherCurrency {
    pub expected: Currency,
    pub reported: Currency,
}

/// A payment of an order or an invoice: one object at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub id: PaymentId,
    /// What was asked for.
    pub amount: Money,
    known: Known,
}

impl Payment {
    /// A payment of which nothing is known yet.
    pub fn new(id: PaymentId, amount: Money) -> Self {
        Self { id, amount, known: Known::default() }
    }

    /// This payment with one more fact, that holds since `at`. Facts commute, and twice the same is once.
    ///
    /// # Errors
    /// [`OtherCurrency`] for an amount that is not of the payment's currency.
    pub fn learn(mut self, fact: Fact, at: Timestamp) -> Result<Self, OtherCurrency> {
        let known = &mut self.known;
        match fact {
            Fact::Pending => (),
            Fact::Succeeded { amount } => grow(&mut known.succeeded, in_currency(self.amount, amount)?, at),
            Fact::Refunded { total } => grow(&mut known.refunded, in_currency(self.amount, total)?, at),
            Fact::Failed => first(&mut known.failed, at),
            Fact::Expired => first(&mut known.expired, at),
            Fact::Disputed => first(&mut known.disputed, at),
            Fact::DisputeWon => first(&mut known.won, at),
            Fact::DisputeLost => first(&mut known.lost, at),
        }
        Ok(self)
    }

    /// What all the facts together say: money that came outweighs every failure, a lost dispute outweighs everything.
    pub fn state(&self) -> State {
        let known = &self.known;
        let refunded = known.refunded.filter(|refund| !refund.amount.is_zero());
        if let Some(at) = known.lost {
            State::ChargedBack { at }
        } else if let Some(refund) = refunded.filter(|refund| refund.amount.amount() >= self.received().amount()) {
            State::Refunded { at: refund.at }
        } else if let Some(at) = known.disputed.filter(|_| known.won.is_none()) {
            State::Disputed { at }
        } else if let Some(paid) = known.succeeded.filter(|paid| paid.amount != self.amount) {
            State::Differs { at: paid.at, received: paid.amount }
        } else if let Some(refund) = refunded {
            State::PartiallyRefunded { at: refund.at, refunded: refund.amount }
        } else if let Some(at) = known.succeeded.map(|paid| paid.at).or(known.won) {
            State::Succeeded { at }
        } else if let Some(at) = known.failed {
            State::Failed { at }
        } else if let Some(at) = known.expired {
            State::Expired { at }
        } else {
            State::Pending
        }
    }

    /// What came in, as reported; what was asked for, while only its consequences are known.
    fn received(&self) -> Money {
        self.known.succeeded.map_or(self.amount, |paid| paid.amount)
    }

    /// When the money arrived; `None` while nobody said so.
    pub fn settled_at(&self) -> Option<Timestamp> {
        self.known.succeeded.map(|paid| paid.at)
    }

    /// What went back, never more than what came.
    pub fn refunded(&self) -> Money {
        let received = self.received();
        match (self.known.lost, self.known.refunded) {
            (Some(_), _) => received,
            (None, Some(refund)) if refund.amount.amount() < received.amount() => refund.amount,
            (None, Some(_)) => received,
            (None, None) => Money::zero(received.currency()),
        }
    }

    /// What can still be refunded: nothing before the money came, or while it is disputed.
    pub fn refundable(&self) -> Money {
        let came = self.known.succeeded.is_some() && self.state().status() != Status::Disputed;
        let left = self.received().amount() - self.refunded().amount();
        let zero = Money::zero(self.amount.currency());
        if came { Money::new(left, self.amount.currency()).unwrap_or(zero) } else { zero }
    }

    /// The total of refunds once `part` went back too.
    ///
    /// # Errors
    /// `APP_001` on the field `amount` when `part` is nothing, of another currency, or more than is left.
    pub fn refund(&self, part: Money) -> Result<Money, Problem> {
        let left = self.refundable();
        if part.is_zero() || part.currency() != left.currency() || part.amount() > left.amount() {
            return Err(Problem::field("amount", format!("must be more than 0 and at most {}", left.to_decimal())));
        }
        Money::new(self.refunded().amount() + part.amount(), part.currency())
    }
}

fn in_currency(expected: Money, reported: Money) -> Result<Money, OtherCurrency> {
    let (expected, code) = (expected.currency(), reported.currency());
    if expected == code { Ok(reported) } else { Err(OtherCurrency { expected, reported: code }) }
}

fn first(known: &mut Option<Timestamp>, at: Timestamp) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

fn grow(known: &mut Option<Reported>, amount: Money, at: Timestamp) {
    let new = Reported { amount, at };
    let rank = |reported: &Reported| (reported.amount.amount(), Reverse(reported.at));
    *known = Some(known.map_or(new, |known| if rank(&known) < rank(&new) { new } else { known }));
}

#[cfg(test)]
mod tests;
