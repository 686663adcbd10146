use axum::{Json, extract::State};
use service::Services;

use super::{
    ClientName,
    view::{ClientBody, ClientView},
};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a client
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/clients/{clientId}", tag = "Clients", operation_id = "getClient",
    params(("appId" = Uuid, Path), ("clientId" = String, Path, description = "its `id` or `clientId`")),
    responses((status = 200, body = ClientBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(name): Id<ClientName>,
) -> ApiResult<Json<ClientBody>> {
    let entry = name.find(&services, &ctx, app).await?;
    Ok(Json(ClientBody { client: ClientView::of(&entry) }))
}
