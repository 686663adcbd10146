use axum::{Json, extract::State};
use service::Services;

use super::{
    EndUserId,
    view::{PlatformUser, PlatformUserBody},
};
use crate::{
    api::platform::door::Client,
    http::{error::ApiResult, params::Id},
};

/// Get a user
#[utoipa::path(
    get, path = "/api/platform/users/{end_user_id}", tag = "Platform: users", operation_id = "platformGetUser",
    params(("end_user_id" = Uuid, Path)),
    responses((status = 200, body = PlatformUserBody), (status = 404, description = "`USR_001` no such user here")),
)]
pub async fn get(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(user): Id<EndUserId>,
) -> ApiResult<Json<PlatformUserBody>> {
    let application = services.require_client(&ctx)?;
    let member = services.memberships().get(&ctx, app, user.0).await?;
    Ok(Json(PlatformUserBody { user: PlatformUser::new(&member, &application, services.billing_now(app)) }))
}
