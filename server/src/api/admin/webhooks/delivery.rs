use axum::{Json, extract::State};
use domain::id::{WebhookDeliveryId, WebhookEndpointId};
use service::Services;

use super::view::WebhookDeliveryBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a delivery
///
/// With what is sent.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}", tag = "Webhooks",
    operation_id = "getWebhookDelivery",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path), ("deliveryId" = Uuid, Path)),
    responses(
        (status = 200, body = WebhookDeliveryBody),
        (status = 404, description = "`APP_002` no such webhook in this application, or no such delivery of it"),
    ),
)]
pub async fn delivery(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
    Id(delivery): Id<WebhookDeliveryId>,
) -> ApiResult<Json<WebhookDeliveryBody>> {
    let detail = services.deliveries().get(&ctx, app, webhook, delivery).await?;
    Ok(Json(WebhookDeliveryBody { delivery: detail.into() }))
}
