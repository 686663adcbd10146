use axum::{extract::State, http::StatusCode};
use domain::application::Provider;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Remove keys
///
/// Nobody can pay until there are new ones. Again: nothing.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/payment-settings/{provider}", tag = "Payment settings",
    operation_id = "removePaymentKeys",
    params(("appId" = Uuid, Path), ("provider" = String, Path, description = "`stripe` or `midtrans`")),
    responses((status = 204, description = "They are gone")),
)]
pub async fn remove(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(provider): Id<Provider>,
) -> ApiResult<StatusCode> {
    services.payment_keys().remove(&ctx, app, provider).await?;
    Ok(StatusCode::NO_CONTENT)
}
