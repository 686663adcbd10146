//! Subscriptions that a provider renews by itself: what it says of them, and what the engine wants of them.

use domain::{
    Money, Timestamp,
    billing::{coupon::Discount, payment::Mode, subscription::Period},
    id::{OrderId, PriceId},
};
use serde::{Deserialize, Serialize};

use super::{Method, Report};

/// A subscription as the provider that renews it knows it.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The provider's name for it.
    pub reference: String,
    /// The order that it came of.
    pub order: Option<OrderId>,
    pub state: AgreementState,
    /// What is paid for now; the trial, while it runs.
    pub period: Option<Period>,
    /// Its cancellation, when one waits.
    pub cancel_at: Option<Timestamp>,
    /// Ours for the price that it bills, those on offer first; several where prices that are over had the same link, none
    /// where it is not ours.
    pub prices: Vec<PriceId>,
    /// What it has billed lately, newest first; the first charge too.
    pub billed: Vec<Billed>,
    /// Its next bill, while credit can still be taken off it and none was.
    pub draft: Option<Draft>,
    pub method: Option<Method>,
}

/// Where such a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementState {
    /// The first payment has not arrived.
    Incomplete,
    Trialing {
        ends_at: Timestamp,
    },
    Active,
    PastDue,
    Paused,
    Ended {
        at: Timestamp,
    },
}

/// One charge of a subscription.
#[derive(Clone, Debug)]
pub struct Billed {
    /// The provider's name of its invoice.
    pub invoice: String,
    pub period: Period,
    /// It is for a period that has followed by itself: it is neither the first, nor for a change.
    pub renews: bool,
    /// What our credit took off it.
    pub credit: Money,
    /// What became of the money; its reference is what can be given back.
    pub payment: Report,
    /// When the last attempt to collect it failed, while it is not paid.
    pub failed_at: Option<Timestamp>,
}

/// A bill that nobody has been asked to pay yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The provider's name of its invoice.
    pub invoice: String,
    /// The provider's name of who pays.
    pub customer: String,
    pub period: Period,
    pub total: Money,
}

/// What the engine wants of a subscription that a provider renews.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What is billed next.
    pub price: Option<PriceId>,
    /// When that is: until then everything is paid.
    pub bills_at: Option<Timestamp>,
    pub ending: Ending,
    /// When a cancellation ends it; without it, what is paid does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    pub paused: bool,
    /// What the next bills take off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Whether it is billed with real money, where that is known: a key of the other mode cannot tell it anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

/// Whether it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    GoesOn,
    /// With what is paid, or at another date that was set at the provider.
    AtPeriodEnd,
    Now,
}
