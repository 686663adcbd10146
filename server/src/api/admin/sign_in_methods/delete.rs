use axum::{extract::State, http::StatusCode};
use domain::id::SignInMethodId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a sign-in method
///
/// Nobody can sign in by it any more. The accounts that are linked to its provider stay linked, and another method of the
/// same issuer signs them in again.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/sign-in-methods/{methodId}", tag = "Sign-in methods",
    operation_id = "deleteSignInMethod",
    params(("appId" = Uuid, Path), ("methodId" = Uuid, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "`AUTH_011` any kind but `google` is for superadmins"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(method): Id<SignInMethodId>,
) -> ApiResult<StatusCode> {
    services.sign_in_methods().delete(&ctx, app, method).await?;
    Ok(StatusCode::NO_CONTENT)
}
