use chrono::{DateTime, Utc};
use domain::{Problem, Timestamp};
use serde::Deserialize;
use service::billing::subscriptions::Assignment;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::moment::to_come;

/// Which plan, and until when.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentInput {
    plan_id: Uuid,
    /// After this moment the subscription counts as none.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

impl AssignmentInput {
    /// # Errors
    /// `APP_001` when `expiresAt` is past, or too far away to be meant.
    pub fn parse(self, replace: bool, now: Timestamp) -> Result<Assignment, Problem> {
        let expires_at = to_come("expiresAt", self.expires_at, now)?;
        Ok(Assignment { plan_id: self.plan_id.into(), expires_at, replace })
    }
}
