use chrono::{DateTime, Utc};
use domain::Timestamp;
use serde::Serialize;
use service::{directory::ApplicationEntry, identity::memberships::Member};
use utoipa::ToSchema;
use uuid::Uuid;

/// A user of the application.
#[derive(Serialize, ToSchema)]
pub struct PlatformUser {
    end_user_id: Uuid,
    #[schema(example = "user@example.com")]
    email: String,
    email_verified: bool,
    name: Option<String>,
    /// `active` or `suspended`.
    status: &'static str,
    roles: Vec<String>,
    /// The plan's key, while it gives features.
    #[schema(example = "pro")]
    plan: Option<String>,
    /// The live subscription.
    subscription: Option<PlatformSubscription>,
    created_at: DateTime<Utc>,
}

/// A user's hold on a plan.
#[derive(Serialize, ToSchema)]
pub struct PlatformSubscription {
    plan: Option<String>,
    /// `incomplete`, `trialing`, `active`, `past_due` or `paused`.
    status: &'static str,
    /// Whether it gives features now.
    is_active: bool,
    expires_at: Option<DateTime<Utc>>,
    current_period_end: Option<DateTime<Utc>>,
    cancel_at: Option<DateTime<Utc>>,
}

impl PlatformUser {
    pub fn new(member: &Member, application: &ApplicationEntry, now: Timestamp) -> Self {
        let subscription = member.subscription.as_ref().map(|held| PlatformSubscription {
            plan: application.plan(held.plan_id).map(|plan| plan.key.to_string()),
            status: held.state.status().as_str(),
            is_active: held.gives_features(now),
            expires_at: held.expires_at,
            current_period_end: held.period.as_ref().map(|period| period.end),
            cancel_at: held.cancel_at,
        });
        let roles = member.membership.roles.iter().filter_map(|id| application.role(*id));
        Self {
            end_user_id: member.user.id.get(),
            email: member.user.email.to_string(),
            email_verified: member.user.email_verified,
            name: member.user.name.as_ref().map(ToString::to_string),
            status: member.membership.status.as_str(),
            roles: roles.map(|role| role.name.to_string()).collect(),
            plan: subscription.as_ref().filter(|held| held.is_active).and_then(|held| held.plan.clone()),
            subscription,
            created_at: member.membership.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PlatformUserBody {
    pub user: PlatformUser,
}

#[derive(Serialize, ToSchema)]
pub struct PlatformUserList {
    pub users: Vec<PlatformUser>,
    pub next_cursor: Option<String>,
}
