use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::{Timestamp, id::SubscriptionId};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::{target::shown, view::ListedSubscriptionBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Until when.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtendTrialInput {
    until: DateTime<Utc>,
}

/// Extend a trial
///
/// To a later moment of the application's billing time. The same moment again changes nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}/extend-trial", tag = "Subscriptions",
    operation_id = "extendTrial",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    request_body = ExtendTrialInput,
    responses(
        (status = 200, body = ListedSubscriptionBody),
        (status = 400, description = "`SUB_004` it has ended, or this does not apply to it"),
        (status = 404, description = "`SUB_001` no such subscription, or nobody bills it"),
    ),
)]
pub async fn extend_trial(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
    Body(input): Body<ExtendTrialInput>,
) -> ApiResult<Json<ListedSubscriptionBody>> {
    let until = Timestamp::from_timestamp_millis(input.until.timestamp_millis()).unwrap_or(input.until);
    services.changes().extend_trial(&ctx, app, id, until).await?;
    Ok(Json(shown(&services, &ctx, app, id).await?))
}
