use axum::{Json, extract::State};
use domain::billing::plan::PlanKey;
use service::Services;

use super::{
    find,
    view::{PlatformPlan, PlatformPlanBody},
};
use crate::{
    api::platform::door::Client,
    http::{error::ApiResult, params::Id},
};

/// Get a plan
#[utoipa::path(
    get, path = "/api/platform/plans/{plan_key}", tag = "Platform: plans", operation_id = "platformGetPlan",
    params(("plan_key" = String, Path)),
    responses((status = 200, body = PlatformPlanBody), (status = 404, description = "`SUB_001` no such plan here")),
)]
pub async fn get(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(key): Id<PlanKey>,
) -> ApiResult<Json<PlatformPlanBody>> {
    let summary = find(&services, &ctx, app, &key).await?;
    Ok(Json(PlatformPlanBody { plan: PlatformPlan::from(&summary) }))
}
