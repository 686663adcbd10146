use axum::{extract::State, http::StatusCode};
use domain::id::SignInMethodId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Test a sign-in method
///
/// Fetches the provider's discovery document and asks whether the provider knows the client id and the secret. Nobody is
/// signed in.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/sign-in-methods/{methodId}/test", tag = "Sign-in methods",
    operation_id = "testSignInMethod",
    params(("appId" = Uuid, Path), ("methodId" = Uuid, Path)),
    responses(
        (status = 204, description = "It works, as far as this server can tell alone"),
        (status = 409, description = "`SRV_002` the issuer cannot be used, or refuses the client"),
        (status = 503, description = "`SRV_003` the provider does not answer"),
    ),
)]
pub async fn check(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(method): Id<SignInMethodId>,
) -> ApiResult<StatusCode> {
    services.sign_in_methods().check(&ctx, app, method).await?;
    Ok(StatusCode::NO_CONTENT)
}
