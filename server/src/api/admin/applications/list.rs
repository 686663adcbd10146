use axum::{Json, extract::State};
use service::Services;

use super::view::{ApplicationList, ApplicationView};
use crate::{
    api::admin::door::Admin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List applications
///
/// Those that the caller may administer, by name.
#[utoipa::path(
    get, path = "/api/admin/applications", tag = "Applications", operation_id = "listApplications",
    params(PageQuery),
    responses((status = 200, body = ApplicationList)),
)]
pub async fn list(
    State(services): State<Services>,
    Admin(ctx): Admin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<ApplicationList>> {
    let entries = services.applications().list(&ctx).await?;
    let page = page_of(entries, &page.parse()?, |entry| entry.application.id.get())?;
    let applications = page.items.iter().map(|entry| ApplicationView::load(&services, &entry.application)).collect();
    Ok(Json(ApplicationList { applications, next_cursor: page.next_cursor }))
}
