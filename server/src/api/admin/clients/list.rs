use axum::{Json, extract::State};
use service::Services;

use super::view::{ClientList, ClientView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List clients
///
/// Oldest first: the first one came with the application.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/clients", tag = "Clients", operation_id = "listClients",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = ClientList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<ClientList>> {
    let clients = services.clients().list(&ctx, app).await?;
    let page = page_of(clients, &page.parse()?, |entry| entry.client.id.get())?;
    let clients = page.items.iter().map(|entry| ClientView::of(entry)).collect();
    Ok(Json(ClientList { clients, next_cursor: page.next_cursor }))
}
