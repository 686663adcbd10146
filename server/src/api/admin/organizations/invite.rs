use axum::{Json, extract::State, http::StatusCode};
use domain::{
    id::OrganizationId,
    identity::{email::Email, organization::OrganizationRole},
};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{InvitationBody, InvitationView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Whom to ask.
#[derive(Deserialize, ToSchema)]
pub struct InvitationInput {
    #[schema(value_type = String, format = Email, max_length = 254, example = "user@example.com")]
    email: Email,
    /// `owner`, `admin` or `member` (default).
    #[serde(default)]
    #[schema(value_type = String, required = false, pattern = "^(owner|admin|member)$", example = "member")]
    role: OrganizationRole,
}

/// Invite somebody to an organization
///
/// By mail, with a link that works once, for a week. Whoever has no account makes one behind it. Inviting an address
/// again sends a new link in place of the old one. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/organizations/{organizationId}/invitations", tag = "Organizations",
    operation_id = "createInvitation",
    params(("organizationId" = Uuid, Path)),
    request_body = InvitationInput,
    responses(
        (status = 201, body = InvitationBody),
        (status = 400, description = "`ORG_003` too many wait"),
        (status = 404, description = "`ORG_001` no such organization"),
        (status = 409, description = "`ORG_005` already a member"),
        (status = 429, description = "`AUTH_007` the address got 5 invitations within the hour"),
    ),
)]
pub async fn invite(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Body(input): Body<InvitationInput>,
) -> ApiResult<(StatusCode, Json<InvitationBody>)> {
    let made = services.organizations().invite(&ctx, id, input.email, input.role).await?;
    Ok((StatusCode::CREATED, Json(InvitationBody { invitation: InvitationView::from(&made) })))
}
