use axum::{Json, extract::State, http::StatusCode};
use service::Services;

use super::{input::NewWebhookInput, view::CreatedWebhook};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// Create a webhook
///
/// From now on events of the application are posted there, signed as Standard Webhooks has it. Its secret is in this
/// answer and never again. An application has at most 20.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/webhooks", tag = "Webhooks", operation_id = "createWebhook",
    params(("appId" = Uuid, Path)),
    request_body = NewWebhookInput,
    responses((status = 201, body = CreatedWebhook)),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<NewWebhookInput>,
) -> ApiResult<(StatusCode, Json<CreatedWebhook>)> {
    let (endpoint, secret) = services.webhooks().create(&ctx, app, input.parse()?).await?;
    let body = CreatedWebhook { webhook: (&endpoint).into(), secret: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(body)))
}
