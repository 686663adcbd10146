use axum::{Json, extract::State};
use domain::{
    id::{RoleId, UserId},
    identity::membership::MembershipStatus,
};
use serde::Deserialize;
use service::{Services, identity::memberships::MembershipPatch};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{MemberBody, MemberView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        body::{Body, present},
        error::ApiResult,
        params::Id,
    },
};

/// A partial change of a membership. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct MemberPatchInput {
    /// `active`, `suspended` or `revoked`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, pattern = "^(active|suspended|revoked)$", example = "suspended")]
    status: Option<MembershipStatus>,
    /// Ids of all roles that the member has from now on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<Uuid>, required = false)]
    roles: Option<Vec<Uuid>>,
}

/// Change a user's access
///
/// Suspending or revoking ends their refresh tokens and sessions in this application.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/users/{userId}", tag = "Users of an application",
    operation_id = "updateApplicationUser",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    request_body = MemberPatchInput,
    responses(
        (status = 200, body = MemberBody),
        (status = 404, description = "`USR_001` not a user of this application, `PERM_002` no such role in it"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
    Body(input): Body<MemberPatchInput>,
) -> ApiResult<Json<MemberBody>> {
    let entry = services.applications().get(&ctx, app).await?;
    let roles = input.roles.map(|ids| ids.into_iter().map(RoleId::from).collect());
    let patch = MembershipPatch { status: input.status, roles };
    let member = services.memberships().update(&ctx, app, user, patch).await?;
    Ok(Json(MemberBody { user: MemberView::new(&member, &entry, services.billing_now(app)) }))
}
