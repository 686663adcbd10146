use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Revoke a user's access
///
/// What they hold ends at once, and the payment methods that were kept go. Signing in never revives access; only
/// granting it again does.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/users/{userId}", tag = "Users of an application",
    operation_id = "revokeApplicationUser",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses((status = 204)),
)]
pub async fn revoke(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.memberships().revoke(&ctx, app, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
