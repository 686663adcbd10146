use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::Superadmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a user
///
/// With everything that says who they were. What they hold ends. Payments, invoices and the ledger stay, under their id
/// alone. Superadmins only.
#[utoipa::path(
    delete, path = "/api/admin/users/{userId}", tag = "Users", operation_id = "deleteUser",
    params(("userId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 400, description = "`USR_002` the last superadmin"),
        (status = 404, description = "`USR_001` no such user"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.admin_users().delete(&ctx, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
