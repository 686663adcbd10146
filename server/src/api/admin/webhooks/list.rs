use axum::{Json, extract::State};
use service::Services;

use super::view::WebhookList;
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List webhooks
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = WebhookList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<WebhookList>> {
    let endpoints = services.webhooks().list(&ctx, app).await?;
    let page = page_of(endpoints, &page.parse()?, |endpoint| endpoint.id.get())?;
    let webhooks = page.items.iter().map(Into::into).collect();
    Ok(Json(WebhookList { webhooks, next_cursor: page.next_cursor }))
}
