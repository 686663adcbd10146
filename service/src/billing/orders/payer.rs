//! Who is billed, where it is somebody else than the member.

use domain::{identity::email::Email, text::Name};
use serde::{Deserialize, Serialize};

use super::Placed;
use crate::payment::Customer;

/// Whom the provider writes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    pub email: Email,
    /// The member's own, when left out.
    pub name: Option<Name>,
}

/// The customer of an order's payment: its payer, else the member.
pub(super) fn customer(placed: &Placed, member: Customer) -> Customer {
    match &placed.payer {
        Some(payer) => Customer {
            email: payer.email.to_string(),
            name: payer.name.as_ref().map(ToString::to_string).or(member.name),
            ..member
        },
        None => member,
    }
}
