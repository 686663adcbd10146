use axum::{Json, extract::State};
use domain::id::{WebhookDeliveryId, WebhookEndpointId};
use service::Services;

use super::view::WebhookDeliveryBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Send a delivery again
///
/// Whatever became of it before: the same event at once, under the same `webhook-id`, with all its attempts anew.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/resend",
    tag = "Webhooks", operation_id = "resendWebhookDelivery",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path), ("deliveryId" = Uuid, Path)),
    responses(
        (status = 200, body = WebhookDeliveryBody),
        (status = 400, description = "`APP_001` the webhook is disabled"),
        (status = 404, description = "`APP_002` no such webhook in this application, or no such delivery of it"),
    ),
)]
pub async fn resend(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
    Id(delivery): Id<WebhookDeliveryId>,
) -> ApiResult<Json<WebhookDeliveryBody>> {
    let delivery = services.deliveries().resend(&ctx, app, webhook, delivery).await?;
    Ok(Json(WebhookDeliveryBody { delivery: (&delivery).into() }))
}
