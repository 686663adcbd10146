use axum::{extract::State, http::StatusCode};
use domain::id::{OrganizationId, UserId};
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Remove a member from an organization
///
/// They stay a user. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/organizations/{organizationId}/members/{userId}", tag = "Organizations",
    operation_id = "removeOrganizationMember",
    params(("organizationId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 400, description = "`ORG_003` nobody would be an owner"),
        (status = 404, description = "`ORG_001` no such organization, `ORG_004` not a member"),
    ),
)]
pub async fn remove_member(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.organizations().remove(&ctx, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
