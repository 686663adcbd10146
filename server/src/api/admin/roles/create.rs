use axum::{Json, extract::State, http::StatusCode};
use service::Services;

use super::{input::RoleInput, view::RoleBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// Create a role
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/roles", tag = "Roles and permissions", operation_id = "createRole",
    params(("appId" = Uuid, Path)),
    request_body = RoleInput,
    responses(
        (status = 201, body = RoleBody),
        (status = 400, description = "`PERM_001` not a name for a role"),
        (status = 409, description = "`PERM_004` the name is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<RoleInput>,
) -> ApiResult<(StatusCode, Json<RoleBody>)> {
    let role = services.roles().create(&ctx, app, input.parse()?).await?;
    Ok((StatusCode::CREATED, Json(RoleBody::load(&services, &ctx, app, &role).await?)))
}
