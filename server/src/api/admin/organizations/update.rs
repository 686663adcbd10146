use axum::{Json, extract::State};
use domain::{id::OrganizationId, text::Name};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{OrganizationBody, OrganizationView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// A change of an organization.
#[derive(Deserialize, ToSchema)]
pub struct OrganizationPatchInput {
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: Name,
}

/// Rename an organization
///
/// Its slug is permanent. Superadmins only.
#[utoipa::path(
    patch, path = "/api/admin/organizations/{organizationId}", tag = "Organizations",
    operation_id = "updateOrganization",
    params(("organizationId" = Uuid, Path)),
    request_body = OrganizationPatchInput,
    responses(
        (status = 200, body = OrganizationBody),
        (status = 404, description = "`ORG_001` no such organization"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Body(input): Body<OrganizationPatchInput>,
) -> ApiResult<Json<OrganizationBody>> {
    let renamed = services.organizations().rename(&ctx, id, input.name).await?;
    Ok(Json(OrganizationBody { organization: OrganizationView::from(&renamed) }))
}
