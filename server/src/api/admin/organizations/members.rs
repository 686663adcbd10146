use axum::{Json, extract::State};
use domain::id::OrganizationId;
use service::Services;

use super::view::{OrganizationMemberList, OrganizationMemberView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        error::ApiResult,
        params::{Id, PageQuery, Query},
    },
};

/// List an organization's members
///
/// Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/organizations/{organizationId}/members", tag = "Organizations",
    operation_id = "listOrganizationMembers",
    params(("organizationId" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = OrganizationMemberList),
        (status = 404, description = "`ORG_001` no such organization"),
    ),
)]
pub async fn members(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(id): Id<OrganizationId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<OrganizationMemberList>> {
    let page = services.organizations().members(&ctx, id, &page.parse()?).await?;
    let members = page.items.iter().map(OrganizationMemberView::from).collect();
    Ok(Json(OrganizationMemberList { members, next_cursor: page.next_cursor }))
}
