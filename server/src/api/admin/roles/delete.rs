use axum::{extract::State, http::StatusCode};
use domain::id::RoleId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a role
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/roles/{roleId}", tag = "Roles and permissions",
    operation_id = "deleteRole",
    params(("appId" = Uuid, Path), ("roleId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 400, description = "`PERM_006` members have it, `PERM_001` the role is `user` or `admin`"),
        (status = 404, description = "`PERM_002` no such role in this application"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(role): Id<RoleId>,
) -> ApiResult<StatusCode> {
    services.roles().delete(&ctx, app, role).await?;
    Ok(StatusCode::NO_CONTENT)
}
