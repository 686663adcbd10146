use axum::{Json, extract::State};
use domain::{Secret, application::Provider};
use serde::Deserialize;
use service::{Services, payment::keys::NewKeys};
use utoipa::ToSchema;

use super::view::PaymentSettingsBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Keys at a provider. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeysInput {
    /// Stripe's secret or restricted key, Midtrans's server key.
    #[schema(example = "sk_test_…")]
    secret_key: Option<String>,
    /// Stripe only. The one before goes on to count for 24 hours.
    #[schema(example = "whsec_…")]
    webhook_secret: Option<String>,
}

/// Set keys
///
/// They are kept encrypted, never shown again, and count from the next payment on.
#[utoipa::path(
    put, path = "/api/admin/applications/{appId}/payment-settings/{provider}", tag = "Payment settings",
    operation_id = "setPaymentKeys",
    params(("appId" = Uuid, Path), ("provider" = String, Path, description = "`stripe` or `midtrans`")),
    request_body = KeysInput,
    responses((status = 200, body = PaymentSettingsBody)),
)]
pub async fn set(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(provider): Id<Provider>,
    Body(input): Body<KeysInput>,
) -> ApiResult<Json<PaymentSettingsBody>> {
    let new = NewKeys { secret: input.secret_key.map(Secret::new), webhook: input.webhook_secret.map(Secret::new) };
    services.payment_keys().set(&ctx, app, provider, new).await?;
    Ok(Json(PaymentSettingsBody::load(&services, &ctx, app).await?))
}
