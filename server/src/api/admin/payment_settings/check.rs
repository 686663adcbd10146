use axum::{extract::State, http::StatusCode};
use domain::application::Provider;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Test keys
///
/// Asks the provider something that moves nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/payment-settings/{provider}/test", tag = "Payment settings",
    operation_id = "testPaymentKeys",
    params(("appId" = Uuid, Path), ("provider" = String, Path, description = "`stripe` or `midtrans`")),
    responses(
        (status = 204, description = "They work"),
        (status = 409, description = "`SRV_002` there are no keys, or the provider refuses them"),
        (status = 503, description = "`SRV_003` the provider does not answer"),
    ),
)]
pub async fn check(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(provider): Id<Provider>,
) -> ApiResult<StatusCode> {
    services.payment_keys().check(&ctx, app, provider).await?;
    Ok(StatusCode::NO_CONTENT)
}
