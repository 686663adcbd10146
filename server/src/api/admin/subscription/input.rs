use chrono::{DateTime, Utc};
use domain::{Problem, Timestamp};
use serde::Deserialize;
use service::billing::subscriptions::Assignment;
use utoipa::ToSchema;
use uuid::Uuid;

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
        let expires_at = self.expires_at;
        if expires_at.is_some_and(|at| at <= now || at.timestamp() > LAST) {
            return Err(Problem::field("expiresAt", "must lie in the future, before the year 10000"));
        }
        // Columns hold milliseconds.
        let expires_at = expires_at.and_then(|at| Timestamp::from_timestamp_millis(at.timestamp_millis()));
        Ok(Assignment { plan_id: self.plan_id.into(), expires_at, replace })
    }
}

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;
