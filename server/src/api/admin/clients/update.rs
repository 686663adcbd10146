use axum::{Json, extract::State};
use service::Services;

use super::{
    ClientName,
    input::ClientPatchInput,
    view::{ClientBody, ClientView},
};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Change a client
///
/// What is left out stays; `clientId` and `type` never change.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/clients/{clientId}", tag = "Clients",
    operation_id = "updateClient",
    params(("appId" = Uuid, Path), ("clientId" = String, Path, description = "its `id` or `clientId`")),
    request_body = ClientPatchInput,
    responses((status = 200, body = ClientBody)),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(name): Id<ClientName>,
    Body(input): Body<ClientPatchInput>,
) -> ApiResult<Json<ClientBody>> {
    let entry = name.find(&services, &ctx, app).await?;
    input.check(&entry.client)?;
    let name = input.name.clone();
    services.clients().update(&ctx, app, entry.client.id, input.into_patch(name)).await?;
    let entry = ClientName(entry.client.id.to_string()).find(&services, &ctx, app).await?;
    Ok(Json(ClientBody { client: ClientView::of(&entry) }))
}
