use axum::{Json, extract::State};
use service::Services;

use super::view::{OrganizationList, OrganizationView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        error::ApiResult,
        params::{Query, SearchQuery},
    },
};

/// List organizations
///
/// Oldest first. Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/organizations", tag = "Organizations", operation_id = "listOrganizations",
    params(SearchQuery),
    responses((status = 200, body = OrganizationList)),
)]
pub async fn list(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<OrganizationList>> {
    let (page, search) = query.parse()?;
    let page = services.organizations().list(&ctx, &page, search).await?;
    let organizations = page.items.iter().map(OrganizationView::from).collect();
    Ok(Json(OrganizationList { organizations, next_cursor: page.next_cursor }))
}
