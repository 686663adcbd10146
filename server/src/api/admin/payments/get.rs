use axum::{Json, extract::State};
use domain::id::PaymentId;
use service::Services;

use super::view::PaymentBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a payment
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/payments/{paymentId}", tag = "Payments", operation_id = "getPayment",
    params(("appId" = Uuid, Path), ("paymentId" = Uuid, Path)),
    responses((status = 200, body = PaymentBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(payment): Id<PaymentId>,
) -> ApiResult<Json<PaymentBody>> {
    let listed = services.payment_list().get(&ctx, app, payment).await?;
    Ok(Json(PaymentBody { payment: listed.into() }))
}
