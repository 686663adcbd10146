use axum::{Json, extract::State};
use domain::id::SignInMethodId;
use service::Services;

use super::view::{SignInMethodBody, SignInMethodView};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Show a sign-in method
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/sign-in-methods/{methodId}", tag = "Sign-in methods",
    operation_id = "getSignInMethod",
    params(("appId" = Uuid, Path), ("methodId" = Uuid, Path)),
    responses((status = 200, body = SignInMethodBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(method): Id<SignInMethodId>,
) -> ApiResult<Json<SignInMethodBody>> {
    let entry = services.sign_in_methods().get(&ctx, app, method).await?;
    Ok(Json(SignInMethodBody { sign_in_method: SignInMethodView::new(&services, app, &entry) }))
}
