use chrono::{DateTime, Utc};
use domain::{Timestamp, id::RoleId};
use serde::Serialize;
use service::{directory::ApplicationEntry, identity::memberships::Member};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::admin::subscription::SubscriptionView;

/// A user's access to one application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    /// The user's id.
    id: Uuid,
    /// The same id: `sub` of tokens.
    user_id: Uuid,
    #[schema(example = "user@example.com")]
    email: String,
    email_verified: bool,
    name: Option<String>,
    /// `active`, `suspended` or `revoked`.
    status: &'static str,
    roles: Vec<RoleRef>,
    /// The live subscription.
    subscription: Option<SubscriptionView>,
    /// When the user, or an admin for them, last chose a plan.
    chosen_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// A role, in short.
#[derive(Serialize, ToSchema)]
pub struct RoleRef {
    id: Uuid,
    #[schema(example = "user")]
    name: String,
}

impl MemberView {
    pub fn new(member: &Member, application: &ApplicationEntry, now: Timestamp) -> Self {
        let named =
            |id: &RoleId| application.role(*id).map(|role| RoleRef { id: role.id.get(), name: role.name.to_string() });
        Self {
            id: member.user.id.get(),
            user_id: member.user.id.get(),
            email: member.user.email.to_string(),
            email_verified: member.user.email_verified,
            name: member.user.name.as_ref().map(ToString::to_string),
            status: member.membership.status.as_str(),
            roles: member.membership.roles.iter().filter_map(named).collect(),
            subscription: member.subscription.as_ref().map(|held| SubscriptionView::new(held, now)),
            chosen_at: member.membership.chosen_at,
            created_at: member.membership.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct MemberBody {
    pub user: MemberView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberList {
    pub users: Vec<MemberView>,
    pub next_cursor: Option<String>,
}
