use axum::{Json, extract::State};
use domain::id::UserId;
use service::Services;

use super::view::{MemberBody, MemberView};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a user of an application
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/users/{userId}", tag = "Users of an application",
    operation_id = "getApplicationUser",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses((status = 200, body = MemberBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<MemberBody>> {
    let entry = services.applications().get(&ctx, app).await?;
    let member = services.memberships().get(&ctx, app, user).await?;
    Ok(Json(MemberBody { user: MemberView::new(&member, &entry, services.billing_now(app)) }))
}
