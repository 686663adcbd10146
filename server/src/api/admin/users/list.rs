use axum::{Json, extract::State};
use service::Services;

use super::view::{UserList, UserView};
use crate::{
    api::admin::door::Superadmin,
    http::{
        error::ApiResult,
        params::{Query, SearchQuery},
    },
};

/// List users
///
/// Of the whole server, oldest first; `search` finds a whole id too. Superadmins only.
#[utoipa::path(
    get, path = "/api/admin/users", tag = "Users", operation_id = "listUsers",
    params(SearchQuery),
    responses((status = 200, body = UserList)),
)]
pub async fn list(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<UserList>> {
    let (page, search) = query.parse()?;
    let page = services.admin_users().list(&ctx, &page, search).await?;
    let users = page.items.iter().map(UserView::from).collect();
    Ok(Json(UserList { users, next_cursor: page.next_cursor }))
}
