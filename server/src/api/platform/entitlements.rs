use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, ETAG},
    },
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{ErrorCode, id::UserId, identity::membership::MembershipStatus};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{Services, directory::ApplicationEntry};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{door::Client, users::EndUserId};
use crate::{
    http::{error::ApiResult, etag, params::Id},
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// What a user may do now.
#[derive(Serialize, ToSchema)]
pub struct EntitlementsBody {
    end_user_id: Uuid,
    /// The plan's key, while it gives features.
    #[schema(example = "pro")]
    plan: Option<String>,
    /// Of the live subscription.
    #[schema(example = "active")]
    status: Option<&'static str>,
    #[schema(value_type = Object, example = json!({"maxProjects": 50}))]
    features: Map<String, Value>,
    #[schema(value_type = Object, example = json!({"plan": "pro"}))]
    claims: Map<String, Value>,
    /// Grows with every change; the answer's ETag.
    ent_ver: i64,
    /// The next moment at which this changes by itself.
    valid_until: Option<DateTime<Utc>>,
}

/// Get what a user is entitled to
///
/// With `If-None-Match` the answer to an unchanged state is 304 without a body.
#[utoipa::path(
    get, path = "/api/platform/entitlements/{end_user_id}", tag = "Platform: claims",
    operation_id = "platformGetEntitlements",
    params(("end_user_id" = Uuid, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, body = EntitlementsBody, headers(("ETag" = String))),
        (status = 304, description = "Nothing has changed"),
        (status = 404, description = "`USR_001` no such user here"),
    ),
)]
pub async fn get(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Id(user): Id<EndUserId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let entry = services.require_client(&ctx)?;
    let holder = services.entitlements().holder(user.0, app).await?;
    let holder = holder.filter(|holder| holder.membership.status != MembershipStatus::Revoked);
    let now = holder.ok_or(ErrorCode::UserNotFound)?.entitlement;
    let tag = format!("\"{}\"", now.ent_ver);
    let is_known = etag::is_known(&headers, &tag);
    let tags = [(ETAG, tag), (CACHE_CONTROL, "no-cache".to_owned())];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, tags).into_response());
    }
    Ok((tags, Json(body(user.0, &entry, now))).into_response())
}

fn body(user: UserId, entry: &ApplicationEntry, now: domain::billing::entitlement::Entitlement) -> EntitlementsBody {
    EntitlementsBody {
        end_user_id: user.get(),
        plan: now.plan.map(Into::into),
        status: now.status.map(|status| status.as_str()),
        features: now.features,
        claims: now.claims,
        ent_ver: now.ent_ver,
        valid_until: now.valid_until.map(|until| entry.real_time(until)),
    }
}
