use axum::{extract::State, http::StatusCode};
use domain::id::NotificationId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Handle a notification again
///
/// Now, instead of when its turn comes. One that was handled changes nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/notifications/{notificationId}/retry", tag = "Alerts",
    operation_id = "retryNotification",
    params(("appId" = Uuid, Path), ("notificationId" = Uuid, Path)),
    responses((status = 204, description = "It was handled")),
)]
pub async fn retry(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<NotificationId>,
) -> ApiResult<StatusCode> {
    services.inbox().retry(&ctx, app, id.get()).await?;
    Ok(StatusCode::NO_CONTENT)
}
