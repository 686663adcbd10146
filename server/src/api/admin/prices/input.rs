use domain::{
    Currency, Money, Problem,
    billing::price::{Interval, NewPrice, PriceName, parse_trial_days},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::text::provider_id;

/// A new price.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewPriceInput {
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "Monthly")]
    name: PriceName,
    /// In the currency's smallest unit: 999 is $9.99, 9900000 is Rp 99.000.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 999)]
    amount: i64,
    /// ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$", example = "usd")]
    currency: Currency,
    /// `month` (default), `year` or `one_time`.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(month|year|one_time)$", example = "month")]
    interval: Option<Interval>,
    /// Days before the first charge, 1 to 730.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 730)]
    trial_days: Option<i64>,
    #[serde(default)]
    stripe_price_id: Option<String>,
}

impl NewPriceInput {
    pub fn parse(self) -> Result<NewPrice, Problem> {
        Ok(NewPrice {
            name: self.name,
            money: Money::new(self.amount, self.currency)?,
            interval: self.interval.unwrap_or_default(),
            trial_days: self.trial_days.map(parse_trial_days).transpose()?,
            stripe_price_id: provider_id("stripePriceId", self.stripe_price_id)?,
        })
    }
}
