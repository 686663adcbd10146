use axum::{Json, extract::State};
use domain::{Flaw, Problem, id::SubscriptionId};
use serde::Deserialize;
use service::{Services, directory::ApplicationEntry};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{QuoteBody, QuoteView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Where to.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanChoiceInput {
    plan_id: Uuid,
    /// The first price of the plan that is on offer, when left out.
    price_id: Option<Uuid>,
}

impl PlanChoiceInput {
    pub const fn new(plan_id: Uuid, price_id: Option<Uuid>) -> Self {
        Self { plan_id, price_id }
    }

    /// The plan's key and the price.
    ///
    /// # Errors
    /// `APP_001` for a plan of another application.
    pub fn parse(
        &self,
        entry: &ApplicationEntry,
    ) -> Result<(domain::billing::plan::PlanKey, Option<domain::id::PriceId>), Problem> {
        let plan = entry.plan(self.plan_id.into()).ok_or_else(|| Problem::field("planId", Flaw::ForeignPlan))?;
        Ok((plan.key.clone(), self.price_id.map(Into::into)))
    }
}

/// Preview a change of plan
///
/// What it costs, exactly, and what follows. Nothing changes.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}/preview", tag = "Subscriptions",
    operation_id = "previewSubscriptionChange",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    request_body = PlanChoiceInput,
    responses(
        (status = 200, body = QuoteBody),
        (status = 409, description = "`SUB_002` it is the current plan and price"),
    ),
)]
pub async fn preview(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
    Body(input): Body<PlanChoiceInput>,
) -> ApiResult<Json<QuoteBody>> {
    let entry = services.require_admin(&ctx, app).await?;
    let (plan, price) = input.parse(&entry)?;
    let quote = services.changes().preview(&ctx, app, id, plan, price, None).await?;
    Ok(Json(QuoteBody { quote: QuoteView::new(&quote, services.now()) }))
}
