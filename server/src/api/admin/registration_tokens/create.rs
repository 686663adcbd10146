use axum::{Json, extract::State, http::StatusCode};
use domain::text::Name;
use serde::Deserialize;
use service::{Services, application::registration_tokens::NewRegistrationToken};
use utoipa::ToSchema;

use super::view::CreatedRegistrationToken;
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// A new initial access token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationTokenInput {
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Partners")]
    name: Name,
    /// For how long it holds, 1 to 365.
    #[schema(minimum = 1, maximum = 365, example = 30)]
    days: i64,
    /// Whether the clients that register with it must use PKCE. Public ones always must.
    #[serde(default = "yes")]
    #[schema(default = true)]
    require_pkce: bool,
}

const fn yes() -> bool {
    true
}

/// Create a registration token
///
/// Who has it may register clients of this application at `/oauth2/register` (RFC 7591). It is in this answer and never
/// again.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/registration-tokens", tag = "Clients",
    operation_id = "createRegistrationToken",
    params(("appId" = Uuid, Path)),
    request_body = RegistrationTokenInput,
    responses((status = 201, body = CreatedRegistrationToken)),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<RegistrationTokenInput>,
) -> ApiResult<(StatusCode, Json<CreatedRegistrationToken>)> {
    let new = NewRegistrationToken { name: input.name, days: input.days, require_pkce: input.require_pkce };
    let (token, secret) = services.registration_tokens().create(&ctx, app, new).await?;
    let body = CreatedRegistrationToken { registration_token: (&token).into(), token: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(body)))
}
