use axum::{Json, extract::State};
use domain::id::WebhookEndpointId;
use serde::Serialize;
use service::Services;
use utoipa::ToSchema;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// A new secret.
#[derive(Serialize, ToSchema)]
pub struct RotatedWebhookSecret {
    /// Shown this once.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// Rotate a webhook's secret
///
/// The new secret is in this answer and never again. For 24 hours whatever is sent is signed with both, so that either
/// verifies it.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/webhooks/{webhookId}/rotate-secret", tag = "Webhooks",
    operation_id = "rotateWebhookSecret",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path)),
    responses(
        (status = 200, body = RotatedWebhookSecret),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn rotate_secret(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
) -> ApiResult<Json<RotatedWebhookSecret>> {
    let secret = services.webhooks().rotate_secret(&ctx, app, webhook).await?;
    Ok(Json(RotatedWebhookSecret { secret: secret.expose().to_owned() }))
}
