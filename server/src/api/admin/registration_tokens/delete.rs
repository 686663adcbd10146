use axum::{extract::State, http::StatusCode};
use domain::id::RegistrationTokenId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Delete a registration token
///
/// The clients that registered with it stay.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/registration-tokens/{tokenId}", tag = "Clients",
    operation_id = "deleteRegistrationToken",
    params(("appId" = Uuid, Path), ("tokenId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 404, description = "`APP_002` no such token in this application"),
    ),
)]
pub async fn delete(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(token): Id<RegistrationTokenId>,
) -> ApiResult<StatusCode> {
    services.registration_tokens().delete(&ctx, app, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
