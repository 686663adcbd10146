use domain::{
    Problem,
    billing::{
        feature::Features,
        plan::{NewPlan, PlanKey, PlanName, PlanPatch},
    },
    text::Description,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{
        admin::prices::NewPriceInput,
        text::{description, provider_id},
    },
    http::body::{Object, nullable, present},
};

/// A new plan.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewPlanInput {
    /// Never changes. Made from the name when left out, with `-2`, `-3` when taken.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,64}$", example = "pro")]
    key: Option<PlanKey>,
    /// Unique in the application.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "Pro")]
    name: PlanName,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    description: Option<Description>,
    /// At most 3 KiB of JSON, 8 levels deep.
    #[serde(default)]
    #[schema(value_type = Option<Object>, example = json!({"maxProjects": 50, "exportEnabled": true}))]
    features: Option<Features>,
    /// Takes the place of the application's default plan. Default false.
    #[serde(default)]
    is_default: Option<bool>,
    /// Default true.
    #[serde(default)]
    is_listed: Option<bool>,
    /// Behind all others when left out.
    #[serde(default)]
    position: Option<i32>,
    #[serde(default)]
    stripe_product_id: Option<String>,
    /// Its first prices.
    #[serde(default)]
    #[schema(value_type = Vec<NewPriceInput>)]
    prices: Vec<Object<NewPriceInput>>,
}

impl NewPlanInput {
    pub fn parse(self) -> Result<NewPlan, Problem> {
        let base = NewPlan::new(self.name);
        Ok(NewPlan {
            key: self.key,
            description: self.description.map(description).transpose()?.unwrap_or_default(),
            features: self.features.unwrap_or_default(),
            is_default: self.is_default.unwrap_or(base.is_default),
            is_listed: self.is_listed.unwrap_or(base.is_listed),
            position: self.position,
            stripe_product_id: provider_id("stripeProductId", self.stripe_product_id)?,
            prices: self.prices.into_iter().map(|Object(price)| price.parse()).collect::<Result<_, _>>()?,
            ..base
        })
    }
}

/// A partial change of a plan. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanPatchInput {
    #[serde(default)]
    #[schema(ignore)]
    pub key: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Option<PlanName>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, max_length = 500)]
    description: Option<Description>,
    /// Replaces the whole object.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false)]
    features: Option<Features>,
    /// True takes the place of the application's default plan.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    is_default: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    is_listed: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i32, required = false)]
    position: Option<i32>,
    /// An archived plan is no longer offered, but still honoured.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    archived: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    stripe_product_id: Option<Option<String>>,
}

impl PlanPatchInput {
    pub fn parse(self) -> Result<PlanPatch, Problem> {
        Ok(PlanPatch {
            name: self.name,
            description: self.description.map(description).transpose()?,
            features: self.features,
            is_default: self.is_default,
            is_listed: self.is_listed,
            position: self.position,
            archived: self.archived,
            stripe_product_id: self.stripe_product_id.map(|id| provider_id("stripeProductId", id)).transpose()?,
            shown_price: None,
        })
    }
}
