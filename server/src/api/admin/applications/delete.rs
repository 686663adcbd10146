use axum::{extract::State, http::StatusCode};
use service::Services;

use crate::{api::admin::door::AppAdmin, http::error::ApiResult};

/// Delete an application
///
/// With its clients, plans, memberships and subscriptions. Refused while a payment provider renews a subscription, or
/// has not been told everything: cancel these at once first. The ledger keeps what happened. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}", tag = "Applications", operation_id = "deleteApplication",
    params(("appId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 409, description = "`SUB_006` a provider goes on charging: `details.billedSubscriptions` of them"),
    ),
)]
pub async fn delete(State(services): State<Services>, AppAdmin(ctx, app): AppAdmin) -> ApiResult<StatusCode> {
    services.applications().delete(&ctx, app).await?;
    Ok(StatusCode::NO_CONTENT)
}
