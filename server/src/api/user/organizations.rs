use axum::{Json, extract::State};
use serde::Serialize;
use service::{Services, organization::OwnOrganization};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::door::Member;
use crate::{
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// An organization to which you belong.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnOrganizationView {
    /// `org_id` of tokens.
    id: Uuid,
    #[schema(example = "acme-inc")]
    slug: String,
    #[schema(example = "Acme, Inc.")]
    name: String,
    /// `owner`, `admin` or `member`.
    #[schema(example = "member")]
    role: &'static str,
    /// Whether it is the one that tokens name.
    is_current: bool,
}

impl From<&OwnOrganization> for OwnOrganizationView {
    fn from(own: &OwnOrganization) -> Self {
        Self {
            id: own.organization.id.get(),
            slug: own.organization.slug.to_string(),
            name: own.organization.name.to_string(),
            role: own.role.as_str(),
            is_current: own.is_current,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnOrganizationList {
    pub organizations: Vec<OwnOrganizationView>,
    pub next_cursor: Option<String>,
}

/// List your organizations
///
/// Oldest first. An access token needs the scope `org`.
#[utoipa::path(
    get, path = "/api/user/organizations", tag = "Your account", operation_id = "listOwnOrganizations",
    params(PageQuery),
    responses((status = 200, body = OwnOrganizationList)),
)]
pub async fn list(
    State(services): State<Services>,
    Member(user): Member,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<OwnOrganizationList>> {
    let request = query.parse()?;
    let found = services.organizations().mine(&user.ctx).await?;
    let page = page_of(found, &request, |own| own.organization.id.get())?;
    let organizations = page.items.iter().map(OwnOrganizationView::from).collect();
    Ok(Json(OwnOrganizationList { organizations, next_cursor: page.next_cursor }))
}
