use axum::{Json, extract::State};
use service::Services;

use super::view::{SignInMethodList, SignInMethodView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List sign-in methods
///
/// Oldest first, those that are off too. Secrets only by their last characters.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/sign-in-methods", tag = "Sign-in methods",
    operation_id = "listSignInMethods",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = SignInMethodList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<SignInMethodList>> {
    let methods = services.sign_in_methods().list(&ctx, app).await?;
    let page = page_of(methods, &page.parse()?, |entry| entry.method.id.get())?;
    let sign_in_methods = page.items.iter().map(|entry| SignInMethodView::new(&services, app, entry)).collect();
    Ok(Json(SignInMethodList { sign_in_methods, next_cursor: page.next_cursor }))
}
