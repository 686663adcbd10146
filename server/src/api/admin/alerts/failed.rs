use axum::{Json, extract::State};
use service::Services;

use super::view::NotificationList;
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List notifications that failed
///
/// What providers told and could not be handled yet, newest first, the last hundred.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/notifications", tag = "Alerts",
    operation_id = "listFailedNotifications",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = NotificationList)),
)]
pub async fn failed(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<NotificationList>> {
    let failed = services.alerts().failed(&ctx, app).await?;
    let page = page_of(failed, &page.parse()?, |failed| failed.id.get())?;
    let notifications = page.items.into_iter().map(Into::into).collect();
    Ok(Json(NotificationList { notifications, next_cursor: page.next_cursor }))
}
