use axum::{Json, extract::State};
use domain::id::UserId;
use service::Services;

use super::view::ClaimsBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a user's claims
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/users/{userId}/claims", tag = "Claims of a user",
    operation_id = "getClaims",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses((status = 200, body = ClaimsBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<ClaimsBody>> {
    Ok(Json(services.claims().get(&ctx, app, user).await?.into()))
}
