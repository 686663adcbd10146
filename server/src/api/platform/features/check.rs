use axum::{Json, extract::State};
use domain::{ErrorCode, billing::feature::is_there};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Services;
use utoipa::ToSchema;

use super::key;
use crate::{
    api::platform::{door::Client, user_ref},
    http::{body::Body, error::ApiResult},
};

/// Whose feature, and which.
#[derive(Deserialize, ToSchema)]
pub struct CheckInput {
    #[schema(format = Uuid)]
    end_user_id: String,
    #[schema(min_length = 1, max_length = 64, example = "maxProjects")]
    feature_key: String,
}

/// What the user has of one feature now.
#[derive(Serialize, ToSchema)]
pub struct CheckBody {
    /// False where the value is `false`, `null` or 0, and where there is none.
    has_feature: bool,
    /// Of the user's override, or else of their plan; null where there is none.
    #[schema(value_type = Value, example = json!(50))]
    value: Value,
}

/// Check a feature of a user
///
/// As of this moment: what the plan gives, with the user's overrides.
#[utoipa::path(
    post, path = "/api/platform/features/check", tag = "Platform: claims", operation_id = "platformCheckFeature",
    request_body = CheckInput,
    responses((status = 200, body = CheckBody), (status = 404, description = "`USR_001` no such user here")),
)]
pub async fn check(
    State(services): State<Services>,
    Client(_ctx, app): Client,
    Body(input): Body<CheckInput>,
) -> ApiResult<Json<CheckBody>> {
    let key = key(&input.feature_key)?;
    let user = user_ref::resolve(&services, app, None, Some(&input.end_user_id)).await?;
    let mut holder = services.entitlements().holder(user, app).await?.ok_or(ErrorCode::UserNotFound)?;
    let value = holder.entitlement.features.remove(key.as_str()).unwrap_or_default();
    Ok(Json(CheckBody { has_feature: is_there(&value), value }))
}
