use axum::{extract::State, http::StatusCode};
use domain::id::{PlanId, PriceId};
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Remove a price
///
/// A price in use is archived: nobody can choose it any more, and running subscriptions keep it.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/plans/{planId}/prices/{priceId}", tag = "Plans",
    operation_id = "deletePrice",
    params(("appId" = Uuid, Path), ("planId" = Uuid, Path), ("priceId" = Uuid, Path)),
    responses((status = 204)),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(plan): Id<PlanId>,
    Id(price): Id<PriceId>,
) -> ApiResult<StatusCode> {
    services.plans().remove_price(&ctx, app, plan, price).await?;
    Ok(StatusCode::NO_CONTENT)
}
