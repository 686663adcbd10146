use axum::{Json, extract::State};
use domain::id::InvoiceId;
use service::Services;

use crate::{
    api::admin::{door::AppAdmin, subscriptions::InvoiceBody},
    http::{error::ApiResult, params::Id},
};

/// Get an invoice
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/invoices/{invoiceId}", tag = "Invoices", operation_id = "getInvoice",
    params(("appId" = Uuid, Path), ("invoiceId" = Uuid, Path)),
    responses((status = 200, body = InvoiceBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<InvoiceId>,
) -> ApiResult<Json<InvoiceBody>> {
    let invoice = services.invoices().get(&ctx, app, id).await?;
    Ok(Json(InvoiceBody { invoice: (&invoice).into() }))
}
