//! What is to be paid.

use domain::{
    Money, Timestamp,
    billing::{coupon::Coupon, plan::Plan, price::Price},
    id::{ApplicationId, MembershipId},
};
use uuid::Uuid;

/// What is to be paid.
#[derive(Clone, Debug)]
pub struct PaymentRequest {
    /// Names the payment for ever: asking twice with one key is asking once.
    pub key: Uuid,
    pub application: ApplicationId,
    pub customer: Customer,
    pub money: Money,
    /// What the customer reads beside the amount.
    pub description: String,
    /// The method is kept, so that it can be charged again. Nothing may be due yet: then it is only kept.
    pub keep_method: bool,
    /// A new subscription that a provider which renews by itself is to make; `None` where only money is asked for.
    pub renewal: Option<Renewal>,
    /// Where the customer goes afterwards, whatever came of it.
    pub return_url: String,
}

/// Who pays.
#[derive(Clone, Debug)]
pub struct Customer {
    pub membership: MembershipId,
    pub email: String,
    pub name: Option<String>,
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
