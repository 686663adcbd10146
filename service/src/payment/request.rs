//! What is to be paid.

use domain::{
    Money, Timestamp,
    billing::{coupon::Coupon, plan::Plan, price::Price},
    id::{ApplicationId, MembershipId, PriceId},
    identity::email::Email,
    text::Name,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is to be paid.
#[derive(Clone, Debug)]
pub struct PaymentRequest {
    /// Names the payment for ever: asking twice with one key is asking once.
    pub key: Uuid,
    pub application: ApplicationId,
    pub customer: Customer,
    /// Who is billed, where it is somebody else than the customer.
    pub payer: Option<Payer>,
    pub money: Money,
    /// What is bought, where it is one of our prices.
    pub price: Option<PriceId>,
    /// What the customer reads beside the amount.
    pub description: String,
    /// The method is kept, so that it can be charged again. Nothing may be due yet: then it is only kept.
    pub keep_method: bool,
    /// A new subscription that a provider which renews by itself is to make; `None` where only money is asked for.
    pub renewal: Option<Renewal>,
    /// Where the customer goes afterwards, whatever came of it.
    pub return_url: String,
}

impl PaymentRequest {
    /// The address to which the provider writes about this payment.
    pub fn email(&self) -> &str {
        self.payer.as_ref().map_or(self.customer.email.as_str(), |payer| payer.email.as_str())
    }

    /// How the provider calls whom it writes to.
    pub fn name(&self) -> Option<&str> {
        let payer = self.payer.as_ref().and_then(|payer| payer.name.as_ref());
        payer.map(Name::as_str).or(self.customer.name.as_deref())
    }
}

/// The member who gets what is paid for. What a provider keeps under their name is theirs, whoever pays.
#[derive(Clone, Debug)]
pub struct Customer {
    pub membership: MembershipId,
    pub email: String,
    pub name: Option<String>,
}

/// Whom the provider writes to about one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    pub email: Email,
    /// The member's own, when left out.
    pub name: Option<Name>,
}

/// What a new subscription bills.
#[derive(Clone, Debug)]
pub struct Renewal {
    pub plan: Plan,
    pub price: Price,
    /// Nothing is billed before.
    pub trial_ends: Option<Timestamp>,
    pub coupon: Option<Coupon>,
}
