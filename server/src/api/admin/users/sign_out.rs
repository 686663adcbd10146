use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Sign a user out everywhere
///
/// Ends their sessions in all browsers, every token that clients hold for them, and visits to the customer portal. They
/// may sign in again at once. Once more changes nothing. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/users/{userId}/sign-out", tag = "Users", operation_id = "signUserOut",
    params(("userId" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "`USR_001` no such user")),
)]
pub async fn sign_out(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.admin_users().sign_out(&ctx, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
