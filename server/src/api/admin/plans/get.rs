use axum::{Json, extract::State};
use domain::id::PlanId;
use service::Services;

use super::view::{PlanBody, PlanView};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a plan
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/plans/{planId}", tag = "Plans", operation_id = "getPlan",
    params(("appId" = Uuid, Path), ("planId" = Uuid, Path)),
    responses((status = 200, body = PlanBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(plan): Id<PlanId>,
) -> ApiResult<Json<PlanBody>> {
    let summary = services.plans().get(&ctx, app, plan).await?;
    Ok(Json(PlanBody { plan: PlanView::from(&summary) }))
}
