use axum::{Json, extract::State};
use domain::billing::plan::PlanKey;
use service::Services;

use super::{
    find,
    input::PlatformPlanPatch,
    view::{PlatformPlan, PlatformPlanBody},
};
use crate::{
    api::{platform::door::Client, text::unchanged},
    http::{body::Body, error::ApiResult, params::Id},
};

/// Change a plan
///
/// What is left out stays; `plan_key` never changes. Subscribers have the change in their very next token.
#[utoipa::path(
    patch, path = "/api/platform/plans/{plan_key}", tag = "Platform: plans", operation_id = "platformUpdatePlan",
    params(("plan_key" = String, Path)),
    request_body = PlatformPlanPatch,
    responses(
        (status = 200, body = PlatformPlanBody),
        (status = 404, description = "`SUB_001` no such plan here"),
        (status = 409, description = "`SUB_005` the name is taken"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(key): Id<PlanKey>,
    Body(input): Body<PlatformPlanPatch>,
) -> ApiResult<Json<PlatformPlanBody>> {
    let before = find(&services, &ctx, app, &key).await?;
    unchanged("plan_key", input.plan_key.as_deref(), key.as_str())?;
    let plan = services.plans().update(&ctx, app, before.plan.id, input.parse()?).await?;
    Ok(Json(PlatformPlanBody { plan: PlatformPlan::new(&plan, before.active_subscribers) }))
}
