use axum::{Json, extract::State};
use domain::Problem;
use serde::{Deserialize, Serialize};
use service::Services;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{door::Client, user_ref};
use crate::{
    http::{body::Body, error::ApiResult},
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(revoke))
}

/// Whose refresh tokens: one of the three.
#[derive(Deserialize, ToSchema)]
pub struct RevokeInput {
    /// Any refresh token of the user.
    refresh_token: Option<String>,
    #[schema(format = Uuid)]
    end_user_id: Option<String>,
    #[schema(format = Email)]
    email: Option<String>,
}

/// What was revoked.
#[derive(Serialize, ToSchema)]
pub struct RevokedBody {
    revoked: bool,
    end_user_id: Uuid,
    /// How many sign-ins of the user lost their refresh tokens.
    grants: u64,
}

/// Revoke a user's refresh tokens
///
/// All of them, of every client of this application.
#[utoipa::path(
    post, path = "/api/platform/revoke", tag = "Platform: users", operation_id = "platformRevoke",
    request_body = RevokeInput,
    responses((status = 200, body = RevokedBody), (status = 404, description = "`USR_001` no such user here")),
)]
pub async fn revoke(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<RevokeInput>,
) -> ApiResult<Json<RevokedBody>> {
    let user = match (&input.refresh_token, &input.email, &input.end_user_id) {
        (Some(token), None, None) => services.grants().user_of_refresh_token(&ctx, app, token).await?,
        (None, email, id) if email.is_some() != id.is_some() => {
            user_ref::resolve(&services, app, email.as_deref(), id.as_deref()).await?
        }
        _ => return Err(Problem::field("refresh_token", "give one of refresh_token, end_user_id and email").into()),
    };
    let grants = services.grants().revoke_all(&ctx, app, user).await?;
    Ok(Json(RevokedBody { revoked: true, end_user_id: user.get(), grants }))
}
