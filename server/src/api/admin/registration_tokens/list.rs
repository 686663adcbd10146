use axum::{Json, extract::State};
use service::Services;

use super::view::RegistrationTokenList;
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List registration tokens
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/registration-tokens", tag = "Clients",
    operation_id = "listRegistrationTokens",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = RegistrationTokenList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<RegistrationTokenList>> {
    let tokens = services.registration_tokens().list(&ctx, app).await?;
    let page = page_of(tokens, &page.parse()?, |token| token.id.get())?;
    let registration_tokens = page.items.iter().map(Into::into).collect();
    Ok(Json(RegistrationTokenList { registration_tokens, next_cursor: page.next_cursor }))
}
