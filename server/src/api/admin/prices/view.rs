use chrono::{DateTime, Utc};
use domain::billing::price::Price;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a plan costs, once or per interval.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceView {
    id: Uuid,
    #[schema(example = "Monthly")]
    name: String,
    /// In the currency's smallest unit: 999 is $9.99, 9900000 is Rp 99.000.
    #[schema(example = 999)]
    amount: i64,
    #[schema(example = "usd")]
    currency: String,
    /// `month`, `year` or `one_time`.
    #[schema(example = "month")]
    interval: &'static str,
    trial_days: Option<u16>,
    stripe_price_id: Option<String>,
    created_at: DateTime<Utc>,
}

impl PriceView {
    pub fn new(price: &Price) -> Self {
        Self {
            id: price.id.get(),
            name: price.name.to_string(),
            amount: price.money.amount(),
            currency: price.money.currency().lower(),
            interval: price.interval.as_str(),
            trial_days: price.trial_days,
            stripe_price_id: price.stripe_price_id.clone(),
            created_at: price.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PriceBody {
    pub price: PriceView,
}
