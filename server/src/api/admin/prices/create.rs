use axum::{Json, extract::State, http::StatusCode};
use domain::id::PlanId;
use service::Services;

use super::{
    input::NewPriceInput,
    view::{PriceBody, PriceView},
};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Add a price to a plan
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/plans/{planId}/prices", tag = "Plans", operation_id = "createPrice",
    params(("appId" = Uuid, Path), ("planId" = Uuid, Path)),
    request_body = NewPriceInput,
    responses((status = 201, body = PriceBody)),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(plan): Id<PlanId>,
    Body(input): Body<NewPriceInput>,
) -> ApiResult<(StatusCode, Json<PriceBody>)> {
    let price = services.plans().add_price(&ctx, app, plan, input.parse()?).await?;
    Ok((StatusCode::CREATED, Json(PriceBody { price: PriceView::new(&price) })))
}
