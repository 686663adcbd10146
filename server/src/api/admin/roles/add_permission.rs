use axum::{Json, extract::State, http::StatusCode};
use domain::id::{PermissionId, RoleId};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::RoleBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Which permission.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddPermissionInput {
    permission_id: Uuid,
}

/// Give a role a permission
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/roles/{roleId}/permissions", tag = "Roles and permissions",
    operation_id = "addRolePermission",
    params(("appId" = Uuid, Path), ("roleId" = Uuid, Path)),
    request_body = AddPermissionInput,
    responses(
        (status = 201, body = RoleBody),
        (status = 404, description = "`PERM_002` no such role, `PERM_003` no such permission in this application"),
    ),
)]
pub async fn add_permission(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(role): Id<RoleId>,
    Body(input): Body<AddPermissionInput>,
) -> ApiResult<(StatusCode, Json<RoleBody>)> {
    let permission = PermissionId::from(input.permission_id);
    let role = services.roles().add_permission(&ctx, app, role, permission).await?;
    Ok((StatusCode::CREATED, Json(RoleBody::load(&services, &ctx, app, &role).await?)))
}
