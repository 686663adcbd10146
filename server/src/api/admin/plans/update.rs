use axum::{Json, extract::State};
use domain::id::PlanId;
use service::Services;

use super::{
    input::PlanPatchInput,
    view::{PlanBody, PlanView},
};
use crate::{
    api::{admin::door::AppAdmin, text::unchanged},
    http::{body::Body, error::ApiResult, params::Id},
};

/// Change a plan
///
/// What is left out stays; `features` replaces the whole object; `key` never changes. Subscribers have the change in
/// their very next token.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/plans/{planId}", tag = "Plans", operation_id = "updatePlan",
    params(("appId" = Uuid, Path), ("planId" = Uuid, Path)),
    request_body = PlanPatchInput,
    responses(
        (status = 200, body = PlanBody),
        (status = 409, description = "`SUB_005` the name is taken"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(plan): Id<PlanId>,
    Body(input): Body<PlanPatchInput>,
) -> ApiResult<Json<PlanBody>> {
    let before = services.plans().get(&ctx, app, plan).await?;
    unchanged("key", input.key.as_deref(), before.plan.key.as_str())?;
    let plan = services.plans().update(&ctx, app, plan, input.parse()?).await?;
    Ok(Json(PlanBody { plan: PlanView::new(&plan, before.active_subscribers) }))
}
