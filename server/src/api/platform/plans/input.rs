use domain::{
    Problem,
    billing::{
        feature::Features,
        plan::{NewPlan, PlanKey, PlanName, PlanPatch},
    },
    text::Description,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::money;
use crate::http::body::present;

/// A new plan. `price`, `currency` and `period` come together, or not at all for a free plan.
#[derive(Deserialize, ToSchema)]
pub struct PlatformNewPlan {
    /// Never changes.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,64}$", example = "pro")]
    plan_key: PlanKey,
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "Pro")]
    display_name: PlanName,
    #[schema(value_type = Option<String>, max_length = 512)]
    description: Option<Description>,
    /// A decimal number, exact: 9.99 is $9.99, 99000 is Rp 99.000.
    #[schema(value_type = Option<f64>, minimum = 0, example = 9.99)]
    price: Option<Box<RawValue>>,
    /// ISO 4217.
    #[schema(pattern = "^[A-Za-z]{3}$", example = "USD")]
    currency: Option<String>,
    /// `monthly`, `yearly` or `one_time`.
    #[schema(pattern = "^(monthly|yearly|one_time)$", example = "monthly")]
    period: Option<String>,
    #[schema(value_type = Option<Object>, example = json!({"maxProjects": 50}))]
    features: Option<Features>,
    /// Default false.
    is_default: Option<bool>,
    /// Default true.
    is_listed: Option<bool>,
}

impl PlatformNewPlan {
    pub fn parse(self) -> Result<NewPlan, Problem> {
        let price = money::parse(self.price.as_deref(), self.currency.as_deref(), self.period.as_deref())?;
        let base = NewPlan::new(self.display_name);
        Ok(NewPlan {
            key: Some(self.plan_key),
            description: self.description.unwrap_or_default(),
            features: self.features.unwrap_or_default(),
            is_default: self.is_default.unwrap_or(base.is_default),
            is_listed: self.is_listed.unwrap_or(base.is_listed),
            prices: price.into_iter().collect(),
            ..base
        })
    }
}

/// A partial change of a plan. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct PlatformPlanPatch {
    #[serde(default)]
    #[schema(ignore)]
    pub plan_key: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    display_name: Option<PlanName>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, max_length = 512)]
    description: Option<Description>,
    /// With `currency` and `period`: a new price takes the place of the one shown, which running subscriptions keep.
    /// 0 alone: the plan becomes free.
    #[schema(value_type = Option<f64>, minimum = 0, example = 9.99)]
    price: Option<Box<RawValue>>,
    currency: Option<String>,
    period: Option<String>,
    /// Replaces the whole object.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false)]
    features: Option<Features>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    is_default: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    is_listed: Option<bool>,
    /// An archived plan is no longer offered, but still honoured.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    archived: Option<bool>,
}

impl PlatformPlanPatch {
    pub fn parse(self) -> Result<PlanPatch, Problem> {
        let price = money::parse(self.price.as_deref(), self.currency.as_deref(), self.period.as_deref())?;
        Ok(PlanPatch {
            name: self.display_name,
            description: self.description,
            features: self.features,
            is_default: self.is_default,
            is_listed: self.is_listed,
            archived: self.archived,
            shown_price: self.price.is_some().then_some(price),
            ..PlanPatch::default()
        })
    }
}
