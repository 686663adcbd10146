use axum::{Json, extract::State};
use service::Services;

use super::ClientName;
use crate::{
    api::admin::{
        applications::{RotateInput, RotatedSecret},
        door::AppAdmin,
    },
    http::{body::Body, error::ApiResult, params::Id},
};

/// Rotate a client's secret
///
/// The new secret is in this answer and never again; the old one keeps working for 24 hours, or ends `atOnce`.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/clients/{clientId}/rotate-secret", tag = "Clients",
    operation_id = "rotateClientSecret",
    params(("appId" = Uuid, Path), ("clientId" = String, Path, description = "its `id` or `clientId`")),
    request_body = Option<RotateInput>,
    responses((status = 200, body = RotatedSecret)),
)]
pub async fn rotate_secret(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(name): Id<ClientName>,
    input: Option<Body<RotateInput>>,
) -> ApiResult<Json<RotatedSecret>> {
    let entry = name.find(&services, &ctx, app).await?;
    let at_once = input.is_some_and(|Body(input)| input.at_once);
    let secret = services.clients().rotate_secret(&ctx, app, Some(entry.client.id), at_once).await?;
    let client_id = entry.client.client_id.to_string();
    Ok(Json(RotatedSecret { client_id, client_secret: secret.expose().to_owned() }))
}
