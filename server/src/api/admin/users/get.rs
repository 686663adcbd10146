use axum::{Json, extract::State};
use domain::id::UserId;
use service::Services;

use super::view::{UserBody, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Get a user
///
/// Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/users/{userId}", tag = "Users", operation_id = "getUser",
    params(("userId" = Uuid, Path)),
    responses((status = 200, body = UserBody), (status = 404, description = "`USR_001` no such user")),
)]
pub async fn get(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<UserBody>> {
    let user = services.admin_users().get(&ctx, user).await?;
    Ok(Json(UserBody { user: UserView::from(&user) }))
}
