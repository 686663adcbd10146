use axum::{Json, extract::State, http::StatusCode};
use service::Services;

use super::{
    input::NewPlanInput,
    view::{PlanBody, PlanView},
};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// Create a plan
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/plans", tag = "Plans", operation_id = "createPlan",
    params(("appId" = Uuid, Path)),
    request_body = NewPlanInput,
    responses(
        (status = 201, body = PlanBody),
        (status = 409, description = "`SUB_005` the key or the name is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<NewPlanInput>,
) -> ApiResult<(StatusCode, Json<PlanBody>)> {
    let plan = services.plans().create(&ctx, app, input.parse()?).await?;
    Ok((StatusCode::CREATED, Json(PlanBody { plan: PlanView::new(&plan, 0) })))
}
