use axum::{extract::State, http::StatusCode};
use service::Services;

use crate::{api::admin::door::AppAdmin, http::error::ApiResult};

/// Delete an application
///
/// With its clients, plans, memberships and subscriptions, and with its orders, payments, invoices, coupons and credit:
/// read first what your books need. Refused while a payment provider renews a subscription: cancel it at once first.
/// Refused too while an order can still be paid on the provider's page (usually for a day), or while the provider has
/// not been told everything. The ledger keeps what happened. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}", tag = "Applications", operation_id = "deleteApplication",
    params(("appId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 409, description = "`SUB_006` a provider goes on charging, or would: `details` count what is left"),
    ),
)]
pub async fn delete(State(services): State<Services>, AppAdmin(ctx, app): AppAdmin) -> ApiResult<StatusCode> {
    services.applications().delete(&ctx, app).await?;
    Ok(StatusCode::NO_CONTENT)
}
