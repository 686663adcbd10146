//! How people pay.

use serde::{Deserialize, Serialize};

/// A method that was used, and can perhaps be charged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The provider's name for it; empty where it was used once and not kept.
    pub token: String,
    pub kind: MethodKind,
    /// As its owner knows it: `Visa •••• 4242`.
    pub label: String,
}

impl Method {
    /// Whether it was kept, and can be charged again without its owner.
    pub const fn is_chargeable(&self) -> bool {
        self.kind.is_chargeable() && !self.token.is_empty()
    }
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card,
    /// A transfer to an account that is made for this one payment.
    VirtualAccount,
    Qris,
    /// A wallet; once it is linked it can be charged like a card.
    #[serde(rename = "gopay")]
    GoPay,
    /// A wallet whose owner pays each time.
    #[serde(rename = "shopeepay")]
    ShopeePay,
}

impl MethodKind {
    pub const ALL: [Self; 5] = [Self::Card, Self::VirtualAccount, Self::Qris, Self::GoPay, Self::ShopeePay];

    /// Whether one that was kept can be charged again without its owner.
    pub const fn is_chargeable(self) -> bool {
        matches!(self, Self::Card | Self::GoPay)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::VirtualAccount => "virtual_account",
            Self::Qris => "qris",
            Self::GoPay => "gopay",
            Self::ShopeePay => "shopeepay",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
