use axum::{Json, extract::State};
use service::Services;

use super::view::{ClockBody, ClockView};
use crate::{api::admin::door::AppAdmin, http::error::ApiResult};

/// Show the test clock
///
/// Billing time is real time where the clock was never moved.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/clock", tag = "Test clock", operation_id = "getClock",
    params(("appId" = Uuid, Path)),
    responses((status = 200, body = ClockBody)),
)]
pub async fn get(State(services): State<Services>, AppAdmin(_ctx, app): AppAdmin) -> ApiResult<Json<ClockBody>> {
    Ok(Json(ClockBody { clock: ClockView::of(&services, app) }))
}
