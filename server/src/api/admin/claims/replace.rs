use axum::{Json, extract::State};
use domain::id::UserId;
use serde::Deserialize;
use serde_json::Value;
use service::Services;
use utoipa::ToSchema;

use super::view::ClaimsBody;
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// The claims that the user has from now on.
#[derive(Deserialize, ToSchema)]
pub struct ClaimsInput {
    /// Strings, numbers, booleans and arrays of strings; 1 KiB at most.
    #[schema(value_type = Object, example = json!({"seats": 5, "role": "owner"}))]
    claims: Value,
}

/// Replace a user's claims
///
/// `plan` moves the subscription; left out, the subscription stays; null ends it.
#[utoipa::path(
    put, path = "/api/admin/applications/{appId}/users/{userId}/claims", tag = "Claims of a user",
    operation_id = "replaceClaims",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    request_body = ClaimsInput,
    responses(
        (status = 200, body = ClaimsBody),
        (status = 409, description = "`SUB_006` a payment provider bills the live subscription"),
    ),
)]
pub async fn replace(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
    Body(input): Body<ClaimsInput>,
) -> ApiResult<Json<ClaimsBody>> {
    Ok(Json(services.claims().replace(&ctx, app, user, input.claims).await?.into()))
}
