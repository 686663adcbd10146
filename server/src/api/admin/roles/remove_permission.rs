use axum::{extract::State, http::StatusCode};
use domain::id::{PermissionId, RoleId};
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Take a permission from a role
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/roles/{roleId}/permissions/{permissionId}",
    tag = "Roles and permissions", operation_id = "removeRolePermission",
    params(("appId" = Uuid, Path), ("roleId" = Uuid, Path), ("permissionId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 404, description = "`PERM_002` no such role, `PERM_003` it does not have the permission"),
    ),
)]
pub async fn remove_permission(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(role): Id<RoleId>,
    Id(permission): Id<PermissionId>,
) -> ApiResult<StatusCode> {
    services.roles().remove_permission(&ctx, app, role, permission).await?;
    Ok(StatusCode::NO_CONTENT)
}
