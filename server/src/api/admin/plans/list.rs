use axum::{Json, extract::State};
use service::Services;

use super::view::{PlanList, PlanView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List plans
///
/// In the order of pages, archived ones too, each with its prices and the number of its live subscriptions.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/plans", tag = "Plans", operation_id = "listPlans",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = PlanList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<PlanList>> {
    let plans = services.plans().list(&ctx, app).await?;
    let page = page_of(plans, &page.parse()?, |summary| summary.plan.id.get())?;
    let plans = page.items.iter().map(PlanView::from).collect();
    Ok(Json(PlanList { plans, next_cursor: page.next_cursor }))
}
