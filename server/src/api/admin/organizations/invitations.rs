use axum::{Json, extract::State};
use domain::id::OrganizationId;
use service::Services;

use super::view::{InvitationList, InvitationView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        error::ApiResult,
        params::{Id, PageQuery, Query, page_of},
    },
};

/// List an organization's invitations
///
/// Those that wait: that were neither accepted nor taken back, and are no older than a week. Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/organizations/{organizationId}/invitations", tag = "Organizations",
    operation_id = "listInvitations",
    params(("organizationId" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = InvitationList),
        (status = 404, description = "`ORG_001` no such organization"),
    ),
)]
pub async fn invitations(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<InvitationList>> {
    let waiting = services.organizations().invitations(&ctx, id).await?;
    let page = page_of(waiting, &page.parse()?, |invitation| invitation.id.get())?;
    let invitations = page.items.iter().map(InvitationView::from).collect();
    Ok(Json(InvitationList { invitations, next_cursor: page.next_cursor }))
}
