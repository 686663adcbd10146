use axum::{extract::State, http::StatusCode};
use service::{Services, identity::memberships::UserRef};

use super::KeyText;
use crate::{
    api::platform::{door::Client, users::EndUserId},
    http::{error::ApiResult, params::Id},
};

/// Take a user's feature back
///
/// The plan decides again. Without an override nothing changes.
#[utoipa::path(
    delete, path = "/api/platform/users/{end_user_id}/features/{feature_key}", tag = "Platform: claims",
    operation_id = "platformRemoveFeature",
    params(("end_user_id" = Uuid, Path), ("feature_key" = String, Path, min_length = 1, max_length = 64)),
    responses(
        (status = 204),
        (status = 400, description = "`APP_001` no feature can have this key"),
        (status = 404, description = "`USR_001` no such user here"),
    ),
)]
pub async fn remove(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(user): Id<EndUserId>,
    Id(key): Id<KeyText>,
) -> ApiResult<StatusCode> {
    let key = key.parse()?;
    let user = services.memberships().resolve(app, &UserRef::Id(user.0)).await?;
    services.overrides().remove(&ctx, app, user, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
