use axum::{Json, extract::State, http::StatusCode};
use domain::{
    id::{OrganizationId, UserId},
    identity::organization::OrganizationRole,
};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{OrganizationMemberBody, OrganizationMemberView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Who becomes a member.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemberInput {
    user_id: Uuid,
    /// `owner`, `admin` or `member` (default).
    #[serde(default)]
    #[schema(value_type = String, required = false, pattern = "^(owner|admin|member)$", example = "member")]
    role: OrganizationRole,
}

/// Add a member to an organization
///
/// Without asking them; an invitation asks. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/organizations/{organizationId}/members", tag = "Organizations",
    operation_id = "addOrganizationMember",
    params(("organizationId" = Uuid, Path)),
    request_body = OrganizationMemberInput,
    responses(
        (status = 201, body = OrganizationMemberBody),
        (status = 404, description = "`ORG_001` no such organization, `USR_001` no such user"),
        (status = 409, description = "`ORG_005` already a member"),
    ),
)]
pub async fn add_member(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Body(input): Body<OrganizationMemberInput>,
) -> ApiResult<(StatusCode, Json<OrganizationMemberBody>)> {
    let made = services.organizations().add(&ctx, id, UserId::from(input.user_id), input.role).await?;
    Ok((StatusCode::CREATED, Json(OrganizationMemberBody { member: OrganizationMemberView::from(&made) })))
}
