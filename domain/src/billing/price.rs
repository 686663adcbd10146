//! Prices: an amount, a currency and an interval of a plan.

use serde::{Deserialize, Serialize};

use crate::{
    Flaw, Money, Problem, Timestamp,
    id::{PlanId, PriceId},
    text::{bounded, text},
};

text!(
    /// The name of a price, 1 to 64 characters.
    PriceName,
    |text| bounded(text, 1, 64)
);

/// How often a price is charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    #[default]
    Month,
    Year,
    OneTime,
}

impl Interval {
    /// As the admin API writes it: `month`, `year`, `one_time`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
            Self::OneTime => "one_time",
        }
    }

    /// As claims and the platform API write it: `monthly`, `yearly`, `one_time`.
    pub const fn cycle(self) -> &'static str {
        match self {
            Self::Month => "monthly",
            Self::Year => "yearly",
            Self::OneTime => "one_time",
        }
    }

    /// # Errors
    /// `APP_001` on the field `interval`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        [Self::Month, Self::Year, Self::OneTime]
            .into_iter()
            .find(|interval| interval.as_str() == text)
            .ok_or_else(|| Problem::field("interval", Flaw::OneOf("month, year, one_time".into())))
    }

    /// # Errors
    /// `APP_001` on the field `period`.
    pub fn parse_cycle(text: &str) -> Result<Self, Problem> {
        [Self::Month, Self::Year, Self::OneTime]
            .into_iter()
            .find(|interval| interval.cycle() == text)
            .ok_or_else(|| Problem::field("period", Flaw::OneOf("monthly, yearly, one_time".into())))
    }
}

/// What a plan costs, once or per interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub id: PriceId,
    pub plan_id: PlanId,
    pub name: PriceName,
    pub money: Money,
    pub interval: Interval,
    /// Days before the first charge, 1 to 730.
    pub trial_days: Option<u16>,
    pub stripe_price_id: Option<String>,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// The longest trial in days.
pub const MAX_TRIAL_DAYS: u16 = 730;

/// # Errors
/// `APP_001` on the field `trialDays` when it lies outside 1 to [`MAX_TRIAL_DAYS`].
pub fn parse_trial_days(days: i64) -> Result<u16, Problem> {
    u16::try_from(days)
        .ok()
        .filter(|days| (1..=MAX_TRIAL_DAYS).contains(days))
        .ok_or_else(|| Problem::field("trialDays", Flaw::Between { min: 1, max: MAX_TRIAL_DAYS.into() }))
}

/// A price that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPrice {
    pub name: PriceName,
    pub money: Money,
    pub interval: Interval,
    pub trial_days: Option<u16>,
    pub stripe_price_id: Option<String>,
}
