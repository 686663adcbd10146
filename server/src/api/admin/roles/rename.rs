use axum::{Json, extract::State};
use domain::id::RoleId;
use service::Services;

use super::{input::RoleInput, view::RoleBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Rename a role
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/roles/{roleId}", tag = "Roles and permissions",
    operation_id = "renameRole",
    params(("appId" = Uuid, Path), ("roleId" = Uuid, Path)),
    request_body = RoleInput,
    responses(
        (status = 200, body = RoleBody),
        (status = 400, description = "`PERM_001` not a name for a role, or the role is `user` or `admin`"),
        (status = 404, description = "`PERM_002` no such role in this application"),
        (status = 409, description = "`PERM_004` the name is taken"),
    ),
)]
pub async fn rename(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(role): Id<RoleId>,
    Body(input): Body<RoleInput>,
) -> ApiResult<Json<RoleBody>> {
    let role = services.roles().rename(&ctx, app, role, input.parse()?).await?;
    Ok(Json(RoleBody::load(&services, &ctx, app, &role).await?))
}
