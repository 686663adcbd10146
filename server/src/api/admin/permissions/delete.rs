use axum::{extract::State, http::StatusCode};
use domain::id::PermissionId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a permission
///
/// Every role loses it.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/permissions/{permissionId}", tag = "Roles and permissions",
    operation_id = "deletePermission",
    params(("appId" = Uuid, Path), ("permissionId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 404, description = "`PERM_003` no such permission in this application"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(permission): Id<PermissionId>,
) -> ApiResult<StatusCode> {
    services.roles().delete_permission(&ctx, app, permission).await?;
    Ok(StatusCode::NO_CONTENT)
}
