use axum::{Json, extract::State};
use domain::id::UserId;
use service::Services;

use super::view::{UserBody, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Disable a user
///
/// Ends their sessions and keeps them out. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/users/{userId}/disable", tag = "Users", operation_id = "disableUser",
    params(("userId" = Uuid, Path)),
    responses(
        (status = 200, body = UserBody),
        (status = 400, description = "`USR_002` the last superadmin"),
        (status = 404, description = "`USR_001` no such user"),
    ),
)]
pub async fn disable(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<UserBody>> {
    let user = services.admin_users().disable(&ctx, user).await?;
    Ok(Json(UserBody { user: UserView::from(&user) }))
}
