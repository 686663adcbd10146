use axum::{extract::State, http::StatusCode};
use domain::id::WebhookEndpointId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a webhook
///
/// With its deliveries: what waits is not sent.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/webhooks/{webhookId}", tag = "Webhooks",
    operation_id = "deleteWebhook",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
) -> ApiResult<StatusCode> {
    services.webhooks().delete(&ctx, app, webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}
