use chrono::{DateTime, Utc};
use domain::billing::plan::Plan;
use serde::Serialize;
use serde_json::{Map, Value};
use service::billing::plans::PlanSummary;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::admin::prices::PriceView;

/// A tier of an application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    id: Uuid,
    /// Its permanent name in tokens.
    #[schema(example = "pro")]
    key: String,
    #[schema(example = "Pro")]
    name: String,
    description: String,
    /// What its subscribers may do.
    #[schema(value_type = Object, example = json!({"maxProjects": 50, "exportEnabled": true}))]
    features: Map<String, Value>,
    /// Granted to members who never had a subscription.
    is_default: bool,
    is_listed: bool,
    /// Order on pages; smaller first.
    position: i32,
    /// No longer offered, still honoured.
    archived: bool,
    archived_at: Option<DateTime<Utc>>,
    stripe_product_id: Option<String>,
    /// What it costs now; archived prices are left out.
    prices: Vec<PriceView>,
    /// Live subscriptions.
    active_subscribers: u64,
    created_at: DateTime<Utc>,
}

impl PlanView {
    pub fn new(plan: &Plan, active_subscribers: u64) -> Self {
        Self {
            id: plan.id.get(),
            key: plan.key.to_string(),
            name: plan.name.to_string(),
            description: plan.description.to_string(),
            features: plan.features.map().clone(),
            is_default: plan.is_default,
            is_listed: plan.is_listed,
            position: plan.position,
            archived: plan.archived_at.is_some(),
            archived_at: plan.archived_at,
            stripe_product_id: plan.stripe_product_id.clone(),
            prices: plan.current_prices().map(PriceView::new).collect(),
            active_subscribers,
            created_at: plan.created_at,
        }
    }
}

impl From<&PlanSummary> for PlanView {
    fn from(summary: &PlanSummary) -> Self {
        Self::new(&summary.plan, summary.active_subscribers)
    }
}

#[derive(Serialize, ToSchema)]
pub struct PlanBody {
    pub plan: PlanView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanList {
    pub plans: Vec<PlanView>,
    pub next_cursor: Option<String>,
}
