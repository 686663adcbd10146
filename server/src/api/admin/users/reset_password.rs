use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Send a user the link to choose a password
///
/// No call sets another's password: a mail asks them to choose one. Also for a user who never had one. The link works
/// once, for an hour; until they choose, everything stays as it is. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/users/{userId}/reset-password", tag = "Users", operation_id = "resetUserPassword",
    params(("userId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 403, description = "`AUTH_006` the account is disabled"),
        (status = 404, description = "`USR_001` no such user"),
        (status = 429, description = "`AUTH_007` the address got 5 such mails within the hour"),
    ),
)]
pub async fn reset_password(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.mail_links().reset_for(&ctx, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
