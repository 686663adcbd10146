use chrono::{DateTime, Utc};
use domain::{Timestamp, id::ApplicationId};
use serde::Serialize;
use service::Services;
use utoipa::ToSchema;

use crate::api::admin::audit::EntryView;

/// Where an application's billing time stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockView {
    billing_time: DateTime<Utc>,
    real_time: DateTime<Utc>,
    /// By how much billing time runs ahead.
    ahead_seconds: i64,
}

impl ClockView {
    pub fn of(services: &Services, application: ApplicationId) -> Self {
        let (billing_time, real_time): (Timestamp, Timestamp) = (services.billing_now(application), services.now());
        Self { billing_time, real_time, ahead_seconds: (billing_time - real_time).num_seconds() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ClockBody {
    pub clock: ClockView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockMovedBody {
    pub clock: ClockView,
    /// What the ledger says has happened on the way, newest first, a hundred entries at most.
    pub entries: Vec<EntryView>,
}
