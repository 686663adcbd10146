use axum::{Json, extract::State};
use domain::id::OrganizationId;
use service::Services;

use super::view::{OrganizationBody, OrganizationView};
use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Get an organization
///
/// Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/organizations/{organizationId}", tag = "Organizations", operation_id = "getOrganization",
    params(("organizationId" = Uuid, Path)),
    responses(
        (status = 200, body = OrganizationBody),
        (status = 404, description = "`ORG_001` no such organization"),
    ),
)]
pub async fn get(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
) -> ApiResult<Json<OrganizationBody>> {
    let found = services.organizations().get(&ctx, id).await?;
    Ok(Json(OrganizationBody { organization: OrganizationView::from(&found) }))
}
