use axum::{Json, extract::State, http::StatusCode};
use domain::id::{RoleId, UserId};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{MemberBody, MemberView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// Who gets access.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantInput {
    user_id: Uuid,
    /// Left out, a new member gets the role `user`, and one of before keeps theirs.
    #[serde(default)]
    role_id: Option<Uuid>,
}

/// Grant a user access
///
/// A new member gets the default plan. Granting a revoked or suspended member lets them in again. Whoever is a member
/// already gets the role besides those that they have.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/users", tag = "Users of an application",
    operation_id = "grantApplicationUser",
    params(("appId" = Uuid, Path)),
    request_body = GrantInput,
    responses(
        (status = 201, body = MemberBody),
        (status = 404, description = "`USR_001` no such user, `PERM_002` no such role in this application"),
    ),
)]
pub async fn grant(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<GrantInput>,
) -> ApiResult<(StatusCode, Json<MemberBody>)> {
    let entry = services.applications().get(&ctx, app).await?;
    let (user, role) = (UserId::from(input.user_id), input.role_id.map(RoleId::from));
    let member = services.memberships().grant(&ctx, app, user, role).await?;
    Ok((StatusCode::CREATED, Json(MemberBody { user: MemberView::new(&member, &entry, services.billing_now(app)) })))
}
