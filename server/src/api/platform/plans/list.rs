use axum::{Json, extract::State};
use service::Services;

use super::view::{PlatformPlan, PlatformPlanList};
use crate::{
    api::platform::door::Client,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List plans
///
/// In the order of pages, archived ones too.
#[utoipa::path(
    get, path = "/api/platform/plans", tag = "Platform: plans", operation_id = "platformListPlans",
    params(PageQuery),
    responses((status = 200, body = PlatformPlanList)),
)]
pub async fn list(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<PlatformPlanList>> {
    let plans = services.plans().list(&ctx, app).await?;
    let page = page_of(plans, &page.parse()?, |summary| summary.plan.id.get())?;
    let plans = page.items.iter().map(PlatformPlan::from).collect();
    Ok(Json(PlatformPlanList { plans, next_cursor: page.next_cursor }))
}
