use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Take a user's second factors away
///
/// For somebody who has lost them: authenticator app, passkeys and recovery codes go, and every session ends. A mail
/// tells them. Once more changes nothing. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/users/{userId}/factors", tag = "Users", operation_id = "resetUserFactors",
    params(("userId" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "`USR_001` no such user")),
)]
pub async fn reset_factors(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.factors().reset(&ctx, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
