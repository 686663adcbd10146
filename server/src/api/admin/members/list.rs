use axum::{Json, extract::State};
use service::{Services, identity::memberships::MemberFilter};

use super::view::{MemberList, MemberView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{Query, SearchQuery},
    },
};

/// List an application's users
///
/// Oldest membership first.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/users", tag = "Users of an application",
    operation_id = "listApplicationUsers",
    params(("appId" = Uuid, Path), SearchQuery),
    responses((status = 200, body = MemberList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<MemberList>> {
    let (page, search) = query.parse()?;
    let entry = services.applications().get(&ctx, app).await?;
    let filter = MemberFilter { search, ..MemberFilter::default() };
    let page = services.memberships().list(&ctx, app, page, filter).await?;
    let users = page.items.iter().map(|member| MemberView::new(member, &entry, services.billing_now(app))).collect();
    Ok(Json(MemberList { users, next_cursor: page.next_cursor }))
}
