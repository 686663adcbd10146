use axum::{Json, extract::State};
use domain::{
    id::{OrganizationId, UserId},
    identity::organization::OrganizationRole,
};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{OrganizationMemberBody, OrganizationMemberView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// A change of a member.
#[derive(Deserialize, ToSchema)]
pub struct OrganizationMemberPatchInput {
    /// `owner`, `admin` or `member`.
    #[schema(value_type = String, pattern = "^(owner|admin|member)$", example = "admin")]
    role: OrganizationRole,
}

/// Change a member's role
///
/// Superadmins only.
#[utoipa::path(
    patch, path = "/api/admin/organizations/{organizationId}/members/{userId}", tag = "Organizations",
    operation_id = "updateOrganizationMember",
    params(("organizationId" = Uuid, Path), ("userId" = Uuid, Path)),
    request_body = OrganizationMemberPatchInput,
    responses(
        (status = 200, body = OrganizationMemberBody),
        (status = 400, description = "`ORG_003` nobody would be an owner"),
        (status = 404, description = "`ORG_001` no such organization, `ORG_004` not a member"),
    ),
)]
pub async fn update_member(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Id(user): Id<UserId>,
    Body(input): Body<OrganizationMemberPatchInput>,
) -> ApiResult<Json<OrganizationMemberBody>> {
    let member = services.organizations().set_role(&ctx, id, user, input.role).await?;
    Ok(Json(OrganizationMemberBody { member: OrganizationMemberView::from(&member) }))
}
