//! How people pay.

use serde::{Deserialize, Serialize};

/// A method that was used, and can perhaps be charged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// The provider's name for it.
    pub token: String,
    pub kind: MethodKind,
    /// As its owner knows it: `Visa •••• 4242`.
    pub label: String,
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card,
    /// A transfer to an account that is made for this one payment.
    VirtualAccount,
    Qris,
}

impl MethodKind {
    /// Whether it can be charged again without its owner.
    pub const fn is_chargeable(self) -> bool {
        matches!(self, Self::Card)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::VirtualAccount => "virtual_account",
            Self::Qris => "qris",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Card, Self::VirtualAccount, Self::Qris].into_iter().find(|kind| kind.as_str() == text)
    }
}
