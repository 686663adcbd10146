use axum::{Json, extract::State, http::StatusCode};
use domain::{ErrorCode, Problem, application::PermissionName};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{PermissionBody, PermissionView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// A new permission.
#[derive(Deserialize, ToSchema)]
pub struct PermissionInput {
    /// `resource` to read, `resource.write` to change.
    #[schema(pattern = "^[a-z0-9_-]{1,64}(\\.write)?$", example = "invoices.write")]
    name: String,
}

/// Create a permission
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/permissions", tag = "Roles and permissions",
    operation_id = "createPermission",
    params(("appId" = Uuid, Path)),
    request_body = PermissionInput,
    responses(
        (status = 201, body = PermissionBody),
        (status = 400, description = "`PERM_001` not a name for a permission"),
        (status = 409, description = "`PERM_005` it exists already"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<PermissionInput>,
) -> ApiResult<(StatusCode, Json<PermissionBody>)> {
    let invalid = |flaw| Problem { code: ErrorCode::PermissionInvalid, ..Problem::field("name", flaw) };
    let name = PermissionName::parse(&input.name).map_err(invalid)?;
    let id = services.roles().create_permission(&ctx, app, name.clone()).await?;
    Ok((StatusCode::CREATED, Json(PermissionBody { permission: PermissionView::new(id, name.as_str()) })))
}
