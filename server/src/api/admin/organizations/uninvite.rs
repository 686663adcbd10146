use axum::{extract::State, http::StatusCode};
use domain::id::{InvitationId, OrganizationId};
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Take an invitation back
///
/// Its link stops working. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/organizations/{organizationId}/invitations/{invitationId}", tag = "Organizations",
    operation_id = "deleteInvitation",
    params(("organizationId" = Uuid, Path), ("invitationId" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "`ORG_001` no such organization")),
)]
pub async fn uninvite(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Id(invitation): Id<InvitationId>,
) -> ApiResult<StatusCode> {
    services.organizations().uninvite(&ctx, id, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}
