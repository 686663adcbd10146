use axum::{Json, extract::State};
use service::Services;

use super::view::{RoleList, RoleView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List roles
///
/// By name. `user` and `admin` belong to every application.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/roles", tag = "Roles and permissions", operation_id = "listRoles",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = RoleList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<RoleList>> {
    let roles = services.roles().list(&ctx, app).await?;
    let page = page_of(roles, &page.parse()?, |role| role.id.get())?;
    let roles = RoleView::load(&services, &ctx, app, &page.items).await?;
    Ok(Json(RoleList { roles, next_cursor: page.next_cursor }))
}
