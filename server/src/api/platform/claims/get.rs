use axum::{Json, extract::State};
use serde::Deserialize;
use service::Services;
use utoipa::IntoParams;

use super::view::PlatformClaims;
use crate::{
    api::platform::{door::Client, user_ref},
    http::{error::ApiResult, params::Query},
};

/// Whose claims: one of the two.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClaimsQuery {
    #[param(format = Email)]
    email: Option<String>,
    #[param(format = Uuid)]
    end_user_id: Option<String>,
}

/// Get a user's claims
#[utoipa::path(
    get, path = "/api/platform/claims", tag = "Platform: claims", operation_id = "platformGetClaims",
    params(ClaimsQuery),
    responses((status = 200, body = PlatformClaims), (status = 404, description = "`USR_001` no such user here")),
)]
pub async fn get(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Query(query): Query<ClaimsQuery>,
) -> ApiResult<Json<PlatformClaims>> {
    let user = user_ref::resolve(&services, app, query.email.as_deref(), query.end_user_id.as_deref()).await?;
    Ok(Json(services.claims().get(&ctx, app, user).await?.into()))
}
