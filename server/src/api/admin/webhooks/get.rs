use axum::{Json, extract::State};
use domain::id::WebhookEndpointId;
use service::Services;

use super::view::WebhookBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a webhook
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/webhooks/{webhookId}", tag = "Webhooks", operation_id = "getWebhook",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path)),
    responses(
        (status = 200, body = WebhookBody),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
) -> ApiResult<Json<WebhookBody>> {
    let endpoint = services.webhooks().get(&ctx, app, webhook).await?;
    Ok(Json(WebhookBody { webhook: (&endpoint).into() }))
}
