//! The parts of Stripe's answers that are read here.

use std::collections::HashMap;

use domain::{Currency, Money, Timestamp};
use serde::Deserialize;

use super::wire::HasMode;
use crate::{Error, Result};

/// The metadata under which our key travels on everything that is made for it.
pub(super) const KEY: &str = "turnpike_key";
/// Names the price that is bought.
pub(super) const PRICE: &str = "turnpike_price";
/// Names the coupon that a subscription's bills take.
pub(super) const COUPON: &str = "turnpike_coupon";
/// On a line of a bill: it is credit of ours.
pub(super) const CREDIT: &str = "turnpike_credit";
/// On a subscription whose next bill was moved by a trial: since when what is paid runs, and until when.
pub(super) const PAID_FROM: &str = "turnpike_paid_from";
pub(super) const PAID_UNTIL: &str = "turnpike_paid_until";

pub(super) type Metadata = HashMap<String, String>;

/// An object, or only its id where it was not expanded.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Ref<T> {
    Id(String),
    Object(Box<T>),
}

impl<T> Ref<T> {
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Listed<T> {
    pub data: Vec<T>,
}

/// Something of which only the name matters.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub id: String,
    #[serde(default)]
    pub livemode: Option<bool>,
}

/// A customer, of whom a deleted one only says so.
#[derive(Debug, Deserialize)]
pub(super) struct StoredCustomer {
    #[serde(default)]
    pub deleted: bool,
    pub email: Option<String>,
    pub name: Option<String>,
    #[serde(default)]
    pub livemode: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Balance {
    pub livemode: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub id: String,
    pub livemode: bool,
    pub status: Option<String>,
    pub payment_status: String,
    pub url: Option<String>,
    pub success_url: Option<String>,
    pub customer: Option<Ref<Named>>,
    pub metadata: Option<Metadata>,
    pub amount_total: Option<i64>,
    pub currency: Option<String>,
    pub payment_intent: Option<Ref<Intent>>,
    pub setup_intent: Option<Ref<Setup>>,
    pub subscription: Option<Ref<Named>>,
    /// The first bill of the subscription.
    pub invoice: Option<Ref<Named>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Setup {
    pub payment_method: Option<Ref<PaymentMethod>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub livemode: bool,
    pub amount: i64,
    pub amount_received: i64,
    pub currency: String,
    pub status: String,
    pub created: i64,
    pub customer: Option<Ref<Named>>,
    pub metadata: Option<Metadata>,
    pub last_payment_error: Option<serde::de::IgnoredAny>,
    pub latest_charge: Option<Ref<Charge>>,
    pub payment_method: Option<Ref<PaymentMethod>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Charge {
    pub created: i64,
    pub amount_refunded: i64,
    #[serde(default)]
    pub disputed: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    pub status: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub status: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaymentMethod {
    pub id: String,
    /// Whose it is; nobody's when it was not kept.
    pub customer: Option<Ref<Named>>,
    pub card: Option<Card>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Card {
    pub brand: String,
    pub last4: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Subscription {
    pub id: String,
    pub livemode: bool,
    pub status: String,
    #[serde(default)]
    pub metadata: Metadata,
    pub items: Listed<Item>,
    /// On the subscription before March 2025, on its items since.
    pub current_period_start: Option<i64>,
    pub current_period_end: Option<i64>,
    pub trial_end: Option<i64>,
    pub cancel_at: Option<i64>,
    #[serde(default)]
    pub cancel_at_period_end: bool,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub pause_collection: Option<serde::de::IgnoredAny>,
    pub default_payment_method: Option<Ref<PaymentMethod>>,
    /// What its periods are counted from.
    pub billing_cycle_anchor: Option<i64>,
    #[serde(default)]
    pub discounts: Vec<Ref<Given>>,
}

/// A discount that a subscription has.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    pub end: Option<i64>,
}

impl Subscription {
    /// The running period as Stripe counts it, in seconds.
    pub fn period(&self) -> Option<(i64, i64)> {
        let item = self.items.data.first();
        let start = item.and_then(|item| item.current_period_start).or(self.current_period_start)?;
        let end = item.and_then(|item| item.current_period_end).or(self.current_period_end)?;
        Some((start, end))
    }

    /// Whether a bill of this moment takes a discount.
    pub fn is_discounted(&self, at: i64) -> bool {
        let given = self.discounts.iter().filter_map(Ref::object);
        given.map(|own| own.end).any(|end| end.is_none_or(|end| at < end))
    }

    /// Since when and until when everything is paid, where a trial only moves the next bill.
    pub fn bridged(&self) -> Option<(i64, i64)> {
        let number = |key| self.metadata.get(key).and_then(|text| text.parse().ok());
        let (from, until) = (number(PAID_FROM)?, number(PAID_UNTIL)?);
        (self.status == "trialing" && self.trial_end == Some(until)).then_some((from, until))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub id: String,
    pub price: Price,
    pub current_period_start: Option<i64>,
    pub current_period_end: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Price {
    pub id: String,
    pub recurring: Option<Recurring>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Recurring {
    pub interval: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    pub id: String,
    pub livemode: bool,
    pub status: Option<String>,
    pub currency: String,
    pub customer: Option<Ref<Named>>,
    pub subtotal: i64,
    pub total: i64,
    pub amount_paid: i64,
    pub billing_reason: Option<String>,
    #[serde(default)]
    pub attempted: bool,
    pub hosted_invoice_url: Option<String>,
    pub lines: Listed<Line>,
    pub payments: Option<Listed<InvoicePayment>>,
    /// Before March 2025.
    pub payment_intent: Option<Ref<Named>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub amount: i64,
    pub period: LinePeriod,
    #[serde(default)]
    pub metadata: Metadata,
}

impl Line {
    fn is_credit(&self) -> bool {
        self.metadata.contains_key(CREDIT)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct LinePeriod {
    pub start: i64,
    pub end: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct InvoicePayment {
    pub payment: PaidBy,
}

#[derive(Debug, Deserialize)]
pub(super) struct PaidBy {
    pub payment_intent: Option<Ref<Named>>,
}

impl Invoice {
    /// What our credit takes off it.
    pub fn credit(&self) -> i64 {
        let lines = self.lines.data.iter().filter(|line| line.is_credit());
        lines.map(|line| line.amount.saturating_neg()).sum()
    }

    /// Whether it is for a period that has followed by itself.
    pub fn renews(&self) -> bool {
        self.billing_reason.as_deref() == Some("subscription_cycle")
    }

    /// Whether it bills nothing, as that of a trial; what credit takes off aside.
    pub fn is_free(&self) -> bool {
        self.subtotal.saturating_add(self.credit()) == 0
    }

    /// What it is for, in seconds.
    pub fn period(&self) -> Option<(i64, i64)> {
        let line = self.lines.data.iter().rfind(|line| !line.is_credit())?;
        Some((line.period.start, line.period.end))
    }

    /// The payment intent that pays it.
    pub fn intent(&self) -> Option<&str> {
        let listed = self.payments.iter().flat_map(|payments| &payments.data);
        let paid_by = listed.filter_map(|payment| payment.payment.payment_intent.as_ref()).next_back();
        paid_by.or(self.payment_intent.as_ref()).map(Ref::id)
    }
}

impl Ref<Named> {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(named) => &named.id,
        }
    }
}

/// Stripe's seconds as a moment.
pub(super) fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Stripe's amount: minor units, as ours.
pub(super) fn money(amount: i64, currency: &str) -> Result<Money> {
    let currency = Currency::parse(currency).map_err(Error::from)?;
    Ok(Money::new(amount, currency)?)
}

impl<T> HasMode for Listed<T> {
    fn livemode(&self) -> Option<bool> {
        None
    }
}

impl HasMode for Refund {
    fn livemode(&self) -> Option<bool> {
        None
    }
}

impl HasMode for Named {
    fn livemode(&self) -> Option<bool> {
        self.livemode
    }
}

impl HasMode for StoredCustomer {
    fn livemode(&self) -> Option<bool> {
        self.livemode
    }
}

macro_rules! modes {
    ($($name:ident)*) => {
        $(impl HasMode for $name {
            fn livemode(&self) -> Option<bool> {
                Some(self.livemode)
            }
        })*
    };
}

modes!(Balance Session Intent Invoice Subscription);
