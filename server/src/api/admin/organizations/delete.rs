use axum::{extract::State, http::StatusCode};
use domain::id::OrganizationId;
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Delete an organization
///
/// Its people stay users. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/organizations/{organizationId}", tag = "Organizations",
    operation_id = "deleteOrganization",
    params(("organizationId" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "`ORG_001` no such organization")),
)]
pub async fn delete(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
) -> ApiResult<StatusCode> {
    services.organizations().delete(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
