use axum::{Json, extract::State};
use domain::page::PageRequest;
use serde::Deserialize;
use service::Services;
use utoipa::IntoParams;

use super::view::{OrganizationList, OrganizationView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        error::ApiResult,
        params::{Query, sought},
    },
};

/// Which organizations are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganizationQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// Part of the name or the slug.
    #[param(max_length = 254)]
    search: Option<String>,
}

/// List organizations
///
/// Oldest first. Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/organizations", tag = "Organizations", operation_id = "listOrganizations",
    params(OrganizationQuery),
    responses((status = 200, body = OrganizationList)),
)]
pub async fn list(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Query(query): Query<OrganizationQuery>,
) -> ApiResult<Json<OrganizationList>> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let page = services.organizations().list(&ctx, &page, sought(query.search.as_deref())?).await?;
    let organizations = page.items.iter().map(OrganizationView::from).collect();
    Ok(Json(OrganizationList { organizations, next_cursor: page.next_cursor }))
}
