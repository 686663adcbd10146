use axum::{Json, extract::State, http::StatusCode};
use domain::id::WebhookEndpointId;
use service::Services;

use super::view::WebhookDeliveryBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Send a test event
///
/// A `webhook.test`, whichever events are chosen. It is on its way when this answers; what becomes of it is in the
/// delivery.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/webhooks/{webhookId}/test", tag = "Webhooks",
    operation_id = "testWebhook",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path)),
    responses(
        (status = 201, body = WebhookDeliveryBody),
        (status = 400, description = "`APP_001` the webhook is disabled"),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn send_test(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
) -> ApiResult<(StatusCode, Json<WebhookDeliveryBody>)> {
    let delivery = services.webhooks().test(&ctx, app, webhook).await?;
    Ok((StatusCode::CREATED, Json(WebhookDeliveryBody { delivery: (&delivery).into() })))
}
