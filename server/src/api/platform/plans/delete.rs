use axum::{extract::State, http::StatusCode};
use domain::billing::plan::PlanKey;
use service::Services;

use super::find;
use crate::{
    api::platform::door::Client,
    http::{error::ApiResult, params::Id},
};

/// Delete a plan
///
/// Refused while there are live subscriptions; archive the plan instead.
#[utoipa::path(
    delete, path = "/api/platform/plans/{plan_key}", tag = "Platform: plans", operation_id = "platformDeletePlan",
    params(("plan_key" = String, Path)),
    responses(
        (status = 204),
        (status = 400, description = "`SUB_003` live subscriptions, with their number in `details.activeSubscribers`"),
        (status = 404, description = "`SUB_001` no such plan here"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(key): Id<PlanKey>,
) -> ApiResult<StatusCode> {
    let summary = find(&services, &ctx, app, &key).await?;
    services.plans().delete(&ctx, app, summary.plan.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
