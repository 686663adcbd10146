use axum::{Json, extract::State};
use service::Services;

use super::view::PaymentSettingsBody;
use crate::{api::admin::door::AppAdmin, http::error::ApiResult};

/// Show how an application collects
///
/// Keys only by their last four characters.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/payment-settings", tag = "Payment settings",
    operation_id = "getPaymentSettings",
    params(("appId" = Uuid, Path)),
    responses((status = 200, body = PaymentSettingsBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
) -> ApiResult<Json<PaymentSettingsBody>> {
    Ok(Json(PaymentSettingsBody::load(&services, &ctx, app).await?))
}
