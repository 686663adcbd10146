use chrono::{DateTime, Utc};
use domain::billing::{plan::Plan, price::Price};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use service::billing::plans::PlanSummary;
use utoipa::ToSchema;
use uuid::Uuid;

use super::money::number;

/// A tier of the application.
#[derive(Serialize, ToSchema)]
pub struct PlatformPlan {
    id: Uuid,
    #[schema(example = "pro")]
    plan_key: String,
    #[schema(example = "Pro")]
    display_name: String,
    description: String,
    /// A decimal: 9.99 is $9.99, 99000 is Rp 99.000; 0 for a plan without a price.
    #[schema(value_type = f64, example = 9.99)]
    price: Box<RawValue>,
    /// ISO 4217; null for a plan without a price.
    #[schema(example = "USD")]
    currency: Option<&'static str>,
    /// `monthly`, `yearly` or `one_time`; null for a plan without a price.
    #[schema(example = "monthly")]
    period: Option<&'static str>,
    /// Every price that can be chosen, the one above first.
    prices: Vec<PlatformPrice>,
    #[schema(value_type = Object, example = json!({"maxProjects": 50}))]
    features: Map<String, Value>,
    /// Granted to members who never had a subscription.
    is_default: bool,
    is_listed: bool,
    /// No longer offered, still honoured.
    archived: bool,
    position: i32,
    /// Live subscriptions.
    active_subscribers: u64,
    created_at: DateTime<Utc>,
}

/// What a plan costs, once or per period.
#[derive(Serialize, ToSchema)]
pub struct PlatformPrice {
    id: Uuid,
    name: String,
    #[schema(value_type = f64, example = 9.99)]
    price: Box<RawValue>,
    #[schema(example = "USD")]
    currency: &'static str,
    #[schema(example = "monthly")]
    period: &'static str,
    trial_days: Option<u16>,
}

impl PlatformPrice {
    fn new(price: &Price) -> Self {
        Self {
            id: price.id.get(),
            name: price.name.to_string(),
            price: number(price.money),
            currency: price.money.currency().code(),
            period: price.interval.cycle(),
            trial_days: price.trial_days,
        }
    }
}

impl PlatformPlan {
    pub fn new(plan: &Plan, active_subscribers: u64) -> Self {
        let shown = plan.shown_price();
        Self {
            id: plan.id.get(),
            plan_key: plan.key.to_string(),
            display_name: plan.name.to_string(),
            description: plan.description.to_string(),
            price: shown
                .map_or_else(|| RawValue::from_string("0".into()).unwrap_or_default(), |price| number(price.money)),
            currency: shown.map(|price| price.money.currency().code()),
            period: shown.map(|price| price.interval.cycle()),
            prices: plan.current_prices().map(PlatformPrice::new).collect(),
            features: plan.features.map().clone(),
            is_default: plan.is_default,
            is_listed: plan.is_listed,
            archived: plan.archived_at.is_some(),
            position: plan.position,
            active_subscribers,
            created_at: plan.created_at,
        }
    }
}

impl From<&PlanSummary> for PlatformPlan {
    fn from(summary: &PlanSummary) -> Self {
        Self::new(&summary.plan, summary.active_subscribers)
    }
}

#[derive(Serialize, ToSchema)]
pub struct PlatformPlanBody {
    pub plan: PlatformPlan,
}

#[derive(Serialize, ToSchema)]
pub struct PlatformPlanList {
    pub plans: Vec<PlatformPlan>,
    pub next_cursor: Option<String>,
}
