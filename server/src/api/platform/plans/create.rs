use axum::{Json, extract::State, http::StatusCode};
use service::Services;

use super::{
    input::PlatformNewPlan,
    view::{PlatformPlan, PlatformPlanBody},
};
use crate::{
    api::platform::door::Client,
    http::{body::Body, error::ApiResult},
};

/// Create a plan
#[utoipa::path(
    post, path = "/api/platform/plans", tag = "Platform: plans", operation_id = "platformCreatePlan",
    request_body = PlatformNewPlan,
    responses(
        (status = 201, body = PlatformPlanBody),
        (status = 409, description = "`SUB_005` the key or the name is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<PlatformNewPlan>,
) -> ApiResult<(StatusCode, Json<PlatformPlanBody>)> {
    let plan = services.plans().create(&ctx, app, input.parse()?).await?;
    Ok((StatusCode::CREATED, Json(PlatformPlanBody { plan: PlatformPlan::new(&plan, 0) })))
}
