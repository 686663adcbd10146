use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::billing::feature::Override;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Services, identity::memberships::UserRef};
use utoipa::ToSchema;
use uuid::Uuid;

use super::KeyText;
use crate::{
    api::{
        moment::to_come,
        platform::{door::Client, users::EndUserId},
    },
    http::{body::Body, error::ApiResult, params::Id},
};

/// What the user has, whatever their plan says.
#[derive(Deserialize, ToSchema)]
pub struct OverrideInput {
    /// Any JSON. A user's overrides together keep the limits of a plan's features: 3 KiB and 8 levels.
    #[schema(value_type = Value, example = json!(100))]
    value: Value,
    /// At this moment of the application's billing time the plan decides again.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

/// One feature of one user.
#[derive(Serialize, ToSchema)]
pub struct OverrideBody {
    end_user_id: Uuid,
    #[schema(example = "maxProjects")]
    feature_key: String,
    #[schema(value_type = Value, example = json!(100))]
    value: Value,
    expires_at: Option<DateTime<Utc>>,
    /// Grows with every change of what the user is entitled to.
    ent_ver: i64,
}

/// Give a user a feature
///
/// Whatever their plan says, also without a plan. The same again changes nothing. The user's next token carries it; at
/// `expires_at` the plan decides again.
#[utoipa::path(
    put, path = "/api/platform/users/{end_user_id}/features/{feature_key}", tag = "Platform: claims",
    operation_id = "platformSetFeature",
    params(("end_user_id" = Uuid, Path), ("feature_key" = String, Path, min_length = 1, max_length = 64)),
    request_body = OverrideInput,
    responses((status = 200, body = OverrideBody), (status = 404, description = "`USR_001` no such user here")),
)]
pub async fn set(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(user): Id<EndUserId>,
    Id(key): Id<KeyText>,
    Body(input): Body<OverrideInput>,
) -> ApiResult<Json<OverrideBody>> {
    let key = key.parse()?;
    let expires_at = to_come("expires_at", input.expires_at, services.billing_now(app))?;
    let user = services.memberships().resolve(app, &UserRef::Id(user.0)).await?;
    let own = Override { value: input.value.clone(), expires_at };
    let now = services.overrides().set(&ctx, app, user, key.clone(), own).await?;
    Ok(Json(OverrideBody {
        end_user_id: user.get(),
        feature_key: key.into(),
        value: input.value,
        expires_at,
        ent_ver: now.ent_ver,
    }))
}
