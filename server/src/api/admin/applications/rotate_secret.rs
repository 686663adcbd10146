use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use service::Services;
use utoipa::ToSchema;

use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// What becomes of the old secrets.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotateInput {
    /// They end now, and with them the tokens that the client has got in its own name; its users stay signed in.
    #[serde(default)]
    pub at_once: bool,
}

/// A new secret, shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecret {
    pub client_id: String,
    pub client_secret: String,
}

/// Rotate the first client's secret
///
/// The new secret is in this answer and never again; the old one keeps working for 24 hours, or ends `atOnce`.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/rotate-secret", tag = "Applications",
    operation_id = "rotateApplicationSecret",
    params(("appId" = Uuid, Path)),
    request_body = Option<RotateInput>,
    responses((status = 200, body = RotatedSecret)),
)]
pub async fn rotate_secret(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    input: Option<Body<RotateInput>>,
) -> ApiResult<Json<RotatedSecret>> {
    let clients = services.clients().list(&ctx, app).await?;
    let first = clients.iter().find(|entry| entry.client.has_secret());
    let id = first.map(|entry| entry.client.id);
    let at_once = input.is_some_and(|Body(input)| input.at_once);
    let secret = services.clients().rotate_secret(&ctx, app, id, at_once).await?;
    let client_id = first.map(|entry| entry.client.client_id.to_string()).unwrap_or_default();
    Ok(Json(RotatedSecret { client_id, client_secret: secret.expose().to_owned() }))
}
