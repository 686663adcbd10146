use axum::{Json, extract::State};
use domain::id::InvoiceId;
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use crate::{
    api::admin::{door::AppAdmin, listing::reason, subscriptions::InvoiceBody},
    http::{body::Body, error::ApiResult, params::Id},
};

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarkPaidInput {
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Mark an invoice as paid
///
/// It was paid elsewhere: nothing is charged, and what it is for holds.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/invoices/{invoiceId}/mark-paid", tag = "Invoices",
    operation_id = "markInvoicePaid",
    params(("appId" = Uuid, Path), ("invoiceId" = Uuid, Path)),
    request_body = MarkPaidInput,
    responses(
        (status = 200, body = InvoiceBody),
        (status = 400, description = "`SUB_004` nobody owes it any more"),
    ),
)]
pub async fn mark_paid(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<InvoiceId>,
    Body(input): Body<MarkPaidInput>,
) -> ApiResult<Json<InvoiceBody>> {
    let invoice = services.invoices().mark_paid(&ctx, app, id, reason(input.reason.as_deref())?).await?;
    Ok(Json(InvoiceBody { invoice: (&invoice).into() }))
}
