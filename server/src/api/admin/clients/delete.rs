use axum::{extract::State, http::StatusCode};
use service::Services;

use super::ClientName;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a client
///
/// With everything that was granted to it.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/clients/{clientId}", tag = "Clients",
    operation_id = "deleteClient",
    params(("appId" = Uuid, Path), ("clientId" = String, Path, description = "its `id` or `clientId`")),
    responses((status = 204)),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(name): Id<ClientName>,
) -> ApiResult<StatusCode> {
    let entry = name.find(&services, &ctx, app).await?;
    services.clients().delete(&ctx, app, entry.client.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
