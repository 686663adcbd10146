use axum::{Json, extract::State};
use domain::{ErrorCode, Flaw, Money, Problem, id::PaymentId};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::PaymentBody;
use crate::{
    api::admin::{door::AppAdmin, listing::reason},
    http::{body::Body, error::ApiResult, params::Id},
};

/// How much goes back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundInput {
    /// In the smallest unit of the payment's currency; all that is left when left out.
    amount: Option<i64>,
    /// What had been refunded when this was decided. Where it is given and something else has been refunded by now,
    /// nothing happens: so that the same request can be sent again.
    refunded_amount: Option<i64>,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Refund a payment
///
/// Whole or in part, by the provider. What is refunded whole ends the subscription whose running period it paid.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/payments/{paymentId}/refund", tag = "Payments",
    operation_id = "refundPayment",
    params(("appId" = Uuid, Path), ("paymentId" = Uuid, Path)),
    request_body = RefundInput,
    responses(
        (status = 200, body = PaymentBody),
        (status = 400, description = "`APP_001` more than is left"),
        (status = 409, description = "`SRV_002` the account that was paid is not configured any more"),
        (status = 503, description = "`SRV_003` the provider does not answer"),
    ),
)]
pub async fn refund(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(payment): Id<PaymentId>,
    Body(input): Body<RefundInput>,
) -> ApiResult<Json<PaymentBody>> {
    let reason = reason(input.reason.as_deref())?;
    let before = services.payment_list().get(&ctx, app, payment).await?;
    let currency = before.payment.amount.currency();
    let part = input.amount.map(|amount| Money::new(amount, currency)).transpose()?;
    let again = input.refunded_amount.is_some_and(|known| known != before.payment.refunded().amount());
    if !again {
        if before.payment.refundable().is_zero() {
            let left = Problem::field("amount", Flaw::from("there is nothing left to refund"));
            return Err(Problem { code: ErrorCode::InvalidInput, ..left }.into());
        }
        services.payments().refund(&ctx, app, payment, part, reason).await?;
    }
    let after = services.payment_list().get(&ctx, app, payment).await?;
    Ok(Json(PaymentBody { payment: after.into() }))
}
