use axum::{Json, extract::State};
use domain::{ErrorCode, Problem, id::ApplicationId};
use serde::Deserialize;
use service::Services;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::door::Reader;
use crate::{
    api::admin::subscription::{SubscriptionBody, SubscriptionView},
    http::{error::ApiResult, params::Query},
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Of which application.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SubscriptionQuery {
    /// Required with a session. An access token speaks for its own application, and for no other.
    #[param(value_type = Option<Uuid>)]
    application_id: Option<String>,
}

/// Get your subscription
///
/// The live one. For the features that it gives, read them in the access token or at userinfo.
#[utoipa::path(
    get, path = "/api/user/subscription", tag = "Your account", operation_id = "getOwnSubscription",
    params(SubscriptionQuery),
    responses(
        (status = 200, body = SubscriptionBody),
        (status = 404, description = "`APP_002` no such application, or another than the token's; `SUB_001` nothing is live"),
    ),
)]
pub async fn get(
    State(services): State<Services>,
    Reader(user): Reader,
    Query(query): Query<SubscriptionQuery>,
) -> ApiResult<Json<SubscriptionBody>> {
    let named = query.application_id.as_deref().map(str::parse::<ApplicationId>).transpose();
    let app = user.application(named.map_err(|_| Problem::field("applicationId", "must be a UUID"))?)?;
    let none = || Problem::new(ErrorCode::PlanNotFound, "you have no live subscription");
    let held = services.subscriptions().own(&user.ctx, app).await?.ok_or_else(none)?;
    Ok(Json(SubscriptionBody { subscription: SubscriptionView::new(&held, services.billing_now(app)) }))
}
