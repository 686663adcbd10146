//! What a provider says of a payment.

use domain::{
    Money, Timestamp,
    billing::{
        order::Said,
        payment::{Fact, Mode},
    },
};
use uuid::Uuid;

use super::{Agreement, Method};

/// A payment that waits for its customer.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The provider's page.
    pub url: String,
    /// The provider's name for the payment.
    pub reference: String,
}

/// How a payment is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The key of its request.
    pub key: Uuid,
    /// The provider's name, where it is known.
    pub reference: Option<String>,
}

/// What a provider knows of a payment.
#[derive(Clone, Debug)]
pub struct Report {
    /// The provider's name for the money: what can be given back.
    pub reference: String,
    /// The key of the request.
    pub key: Uuid,
    pub mode: Mode,
    /// What was asked for.
    pub money: Money,
    /// Whose it is and what it is for, as the provider has it.
    pub said: Said,
    /// Everything that has become of it, in any order.
    pub facts: Vec<Fact>,
    pub method: Option<Method>,
    /// Until when a transfer that was begun may arrive.
    pub pay_until: Option<Timestamp>,
    /// The subscription that came of it, at a provider that renews by itself.
    pub agreement: Option<Agreement>,
    /// Money that came for the same request once more, by names and keys of its own: whoever let a transfer expire, paid
    /// another way, and then sent the transfer all the same. It buys nothing.
    pub surplus: Vec<Report>,
}

impl Report {
    /// A charge that came to nothing, and has no name at the provider.
    pub(crate) fn failed(key: Uuid, mode: Mode, money: Money) -> Self {
        Self {
            reference: key.to_string(),
            key,
            mode,
            money,
            said: Said::default(),
            facts: vec![Fact::Failed],
            method: None,
            pay_until: None,
            agreement: None,
            surplus: Vec::new(),
        }
    }

    /// What has arrived.
    pub fn received(&self) -> Option<Money> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Succeeded { amount } => Some(*amount),
            _ => None,
        })
    }
}
