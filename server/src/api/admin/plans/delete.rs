use axum::{extract::State, http::StatusCode};
use domain::id::PlanId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a plan
///
/// Refused while there are live subscriptions; archive the plan instead. Its key and name become free.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/plans/{planId}", tag = "Plans", operation_id = "deletePlan",
    params(("appId" = Uuid, Path), ("planId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 400, description = "`SUB_003` live subscriptions, with their number in `details.activeSubscribers`"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(plan): Id<PlanId>,
) -> ApiResult<StatusCode> {
    services.plans().delete(&ctx, app, plan).await?;
    Ok(StatusCode::NO_CONTENT)
}
