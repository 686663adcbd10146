use axum::{Json, extract::State, http::StatusCode};
use domain::{
    id::UserId,
    text::{Name, Slug},
};
use serde::Deserialize;
use service::{Services, organization::NewOrganization};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{OrganizationBody, OrganizationView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult},
};

/// A new organization.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewOrganizationInput {
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Acme, Inc.")]
    name: Name,
    /// Permanent.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,64}$", example = "acme-inc")]
    slug: Slug,
    /// A user who becomes its owner.
    #[serde(default)]
    owner_id: Option<Uuid>,
}

/// Create an organization
///
/// Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/organizations", tag = "Organizations", operation_id = "createOrganization",
    request_body = NewOrganizationInput,
    responses(
        (status = 201, body = OrganizationBody),
        (status = 404, description = "`USR_001` no such user"),
        (status = 409, description = "`ORG_002` the slug is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Body(input): Body<NewOrganizationInput>,
) -> ApiResult<(StatusCode, Json<OrganizationBody>)> {
    let new = NewOrganization { slug: input.slug, name: input.name, owner: input.owner_id.map(UserId::from) };
    let made = services.organizations().create(&ctx, new).await?;
    Ok((StatusCode::CREATED, Json(OrganizationBody { organization: OrganizationView::from(&made) })))
}
