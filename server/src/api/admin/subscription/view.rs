use chrono::{DateTime, Utc};
use domain::{Timestamp, billing::subscription::Subscription};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user's hold on a plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionView {
    id: Uuid,
    plan_id: Uuid,
    price_id: Option<Uuid>,
    /// `incomplete`, `trialing`, `active`, `past_due`, `paused`, `canceled` or `expired`.
    #[schema(example = "active")]
    status: &'static str,
    /// Whether it gives features now.
    is_active: bool,
    expires_at: Option<DateTime<Utc>>,
    current_period_end: Option<DateTime<Utc>>,
    cancel_at: Option<DateTime<Utc>>,
}

impl SubscriptionView {
    pub fn new(subscription: &Subscription, now: Timestamp) -> Self {
        Self {
            id: subscription.id.get(),
            plan_id: subscription.plan_id.get(),
            price_id: subscription.price_id.map(|id| id.get()),
            status: subscription.state.status().as_str(),
            is_active: subscription.gives_features(now),
            expires_at: subscription.expires_at,
            current_period_end: subscription.period.as_ref().map(|period| period.end),
            cancel_at: subscription.cancel_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SubscriptionBody {
    pub subscription: SubscriptionView,
}
