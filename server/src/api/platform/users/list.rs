use axum::{Json, extract::State};
use service::{Services, identity::memberships::MemberFilter};

use super::view::{PlatformUser, PlatformUserList};
use crate::{
    api::platform::door::Client,
    http::{
        error::ApiResult,
        params::{Query, SearchQuery},
    },
};

/// List users
///
/// Oldest membership first.
#[utoipa::path(
    get, path = "/api/platform/users", tag = "Platform: users", operation_id = "platformListUsers",
    params(SearchQuery),
    responses((status = 200, body = PlatformUserList)),
)]
pub async fn list(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<PlatformUserList>> {
    let (page, search) = query.parse()?;
    let application = services.require_client(&ctx)?;
    let filter = MemberFilter { search, ..MemberFilter::default() };
    let page = services.memberships().list(&ctx, app, page, filter).await?;
    let users =
        page.items.iter().map(|member| PlatformUser::new(member, &application, services.billing_now(app))).collect();
    Ok(Json(PlatformUserList { users, next_cursor: page.next_cursor }))
}
