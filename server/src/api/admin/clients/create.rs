use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Secret,
    oauth::client::{ClientSettings, ClientType},
};
use serde::Serialize;
use service::{Services, application::clients::NewClient};
use utoipa::ToSchema;

use super::{input::NewClientInput, view::ClientView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// The new client with its credentials.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedClientBody {
    client: ClientView,
    client_id: String,
    /// Shown this once; a public client has none.
    client_secret: Option<String>,
}

/// Create a client
///
/// The secret of a confidential client is in this answer and never again.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/clients", tag = "Clients", operation_id = "createClient",
    params(("appId" = Uuid, Path)),
    request_body = NewClientInput,
    responses((status = 201, body = CreatedClientBody)),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(mut input): Body<NewClientInput>,
) -> ApiResult<(StatusCode, Json<CreatedClientBody>)> {
    let client_id = input.client_id.take();
    let kind = input.kind.unwrap_or(ClientType::Confidential);
    let settings = ClientSettings::new(input.name.clone());
    let settings = input.into_patch(None).apply(&settings);
    let (client, secret) = services.clients().create(&ctx, app, NewClient { client_id, kind, settings }).await?;
    let secret = secret.as_ref().map(Secret::expose);
    let body = CreatedClientBody {
        client: ClientView::new(&client).with_secret(secret),
        client_id: client.client_id.to_string(),
        client_secret: secret.map(str::to_owned),
    };
    Ok((StatusCode::CREATED, Json(body)))
}
