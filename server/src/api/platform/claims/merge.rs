use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::Value;
use service::Services;
use utoipa::ToSchema;

use super::view::PlatformClaims;
use crate::{
    api::platform::{door::Client, user_ref},
    http::{body::Body, error::ApiResult},
};

/// Whose claims, and what changes.
#[derive(Deserialize, ToSchema)]
pub struct MergeInput {
    /// Either this
    #[schema(format = Email, example = "user@example.com")]
    email: Option<String>,
    /// or this.
    #[schema(format = Uuid)]
    end_user_id: Option<String>,
    /// Strings, numbers, booleans and arrays of strings; null removes a claim. `plan` moves the subscription.
    #[schema(value_type = Object, example = json!({"plan": "pro", "seats": 5}))]
    claims: Value,
}

/// Set a user's claims
///
/// Merges; null removes. `plan` moves the subscription at once, without price or expiry; the same plan again changes
/// nothing; null ends it. The user's next token carries the result.
#[utoipa::path(
    post, path = "/api/platform/claims", tag = "Platform: claims", operation_id = "platformSetClaims",
    request_body = MergeInput,
    responses(
        (status = 200, body = PlatformClaims),
        (status = 404, description = "`USR_001` no such user here"),
        (status = 409, description = "`SUB_006` a payment provider bills the live subscription"),
    ),
)]
pub async fn merge(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<MergeInput>,
) -> ApiResult<Json<PlatformClaims>> {
    let user = user_ref::resolve(&services, app, input.email.as_deref(), input.end_user_id.as_deref()).await?;
    Ok(Json(services.claims().merge(&ctx, app, user, input.claims).await?.into()))
}
