//! The sandbox's cards: their number says how they behave.

use domain::Problem;

use super::{Method, MethodKind};

/// What a card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Succeeds,
    Declined,
    /// Asks for 3-D Secure, and then behaves.
    Authenticate,
    /// Pays the first time and is declined at every renewal.
    FailsLater,
    /// Pays; its owner then disputes the payment.
    Disputed,
}

impl Behaviour {
    /// Whether a charge without its owner succeeds.
    pub const fn can_be_charged(self) -> bool {
        matches!(self, Self::Succeeds | Self::Authenticate | Self::Disputed)
    }
}

/// A number of 16 digits that the sandbox knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardNumber(&'static str, Behaviour);

/// Every card, with the number by which people know its kind.
pub const CARDS: &[CardNumber] = &[
    CardNumber("4242424242424242", Behaviour::Succeeds),
    CardNumber("4000000000000002", Behaviour::Declined),
    CardNumber("4000000000003220", Behaviour::Authenticate),
    CardNumber("4000000000000341", Behaviour::FailsLater),
    CardNumber("4000000000000259", Behaviour::Disputed),
];

impl CardNumber {
    /// # Errors
    /// `APP_001` on the field `number` for a card that is none of the sandbox's. Spaces do not matter.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        CARDS
            .iter()
            .copied()
            .find(|card| card.0 == digits)
            .ok_or_else(|| Problem::field("number", "is none of the test cards"))
    }

    /// The card that was kept as `method`.
    pub(super) fn of(method: &Method) -> Option<Self> {
        Self::parse(&method.token).ok()
    }

    pub const fn digits(self) -> &'static str {
        self.0
    }

    pub const fn behaviour(self) -> Behaviour {
        self.1
    }

    pub(super) fn method(self) -> Method {
        let last = &self.0[12..];
        Method {
            token: self.0.into(),
            kind: MethodKind::Card,
            label: format!("Visa \u{2022}\u{2022}\u{2022}\u{2022} {last}"),
        }
    }
}
