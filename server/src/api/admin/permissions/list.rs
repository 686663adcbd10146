use axum::{Json, extract::State};
use service::Services;

use super::view::{PermissionList, PermissionView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List permissions
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/permissions", tag = "Roles and permissions",
    operation_id = "listPermissions",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = PermissionList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<PermissionList>> {
    let permissions = services.roles().permissions(&ctx, app).await?;
    let page = page_of(permissions, &page.parse()?, |(id, _)| id.get())?;
    let permissions = page.items.iter().map(|(id, name)| PermissionView::new(*id, name)).collect();
    Ok(Json(PermissionList { permissions, next_cursor: page.next_cursor }))
}
