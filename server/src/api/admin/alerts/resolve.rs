use axum::{Json, extract::State};
use domain::id::AlertId;
use service::Services;

use super::view::AlertBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Resolve an alert
///
/// Somebody has looked at it. Again: nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/alerts/{alertId}/resolve", tag = "Alerts",
    operation_id = "resolveAlert",
    params(("appId" = Uuid, Path), ("alertId" = Uuid, Path)),
    responses((status = 200, body = AlertBody)),
)]
pub async fn resolve(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<AlertId>,
) -> ApiResult<Json<AlertBody>> {
    let alert = services.alerts().resolve(&ctx, app, id).await?;
    Ok(Json(AlertBody { alert: alert.into() }))
}
