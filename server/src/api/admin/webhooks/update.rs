use axum::{Json, extract::State};
use domain::id::WebhookEndpointId;
use service::Services;

use super::{input::WebhookPatchInput, view::WebhookBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Change a webhook
///
/// What is left out stays. What waits goes to the new address.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/webhooks/{webhookId}", tag = "Webhooks",
    operation_id = "updateWebhook",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path)),
    request_body = WebhookPatchInput,
    responses(
        (status = 200, body = WebhookBody),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
    Body(input): Body<WebhookPatchInput>,
) -> ApiResult<Json<WebhookBody>> {
    let endpoint = services.webhooks().update(&ctx, app, webhook, input.parse()?).await?;
    Ok(Json(WebhookBody { webhook: (&endpoint).into() }))
}
