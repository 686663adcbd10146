use axum::{Json, extract::State};
use domain::id::UserId;
use service::Services;

use super::view::{UserBody, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Enable a user
///
/// Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/users/{userId}/enable", tag = "Users", operation_id = "enableUser",
    params(("userId" = Uuid, Path)),
    responses((status = 200, body = UserBody), (status = 404, description = "`USR_001` no such user")),
)]
pub async fn enable(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<UserBody>> {
    let user = services.admin_users().enable(&ctx, user).await?;
    Ok(Json(UserBody { user: UserView::from(&user) }))
}
