use axum::{Json, extract::State};
use service::Services;

use super::view::{ApplicationBody, ApplicationView};
use crate::{api::admin::door::AppAdmin, http::error::ApiResult};

/// Get an application
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}", tag = "Applications", operation_id = "getApplication",
    params(("appId" = Uuid, Path)),
    responses((status = 200, body = ApplicationBody)),
)]
pub async fn get(State(services): State<Services>, AppAdmin(ctx, app): AppAdmin) -> ApiResult<Json<ApplicationBody>> {
    let entry = services.applications().get(&ctx, app).await?;
    let application = ApplicationView::load(&services, &entry.application);
    Ok(Json(ApplicationBody { application }))
}
