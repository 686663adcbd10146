use axum::{Json, extract::State};
use domain::id::SubscriptionId;
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::{target::shown, view::ListedSubscriptionBody};
use crate::{
    api::admin::{door::AppAdmin, listing::reason},
    http::{body::Body, error::ApiResult, params::Id},
};

/// When, and why.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelInput {
    /// At once, instead of at the end of what is paid. No money goes back by itself.
    #[serde(default)]
    now: bool,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Cancel a subscription
///
/// At the end of what is paid, or `now`. Canceling again changes nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}/cancel", tag = "Subscriptions",
    operation_id = "cancelListedSubscription",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    request_body = CancelInput,
    responses(
        (status = 200, body = ListedSubscriptionBody),
        (status = 400, description = "`SUB_004` it has ended, or this does not apply to it"),
        (status = 404, description = "`SUB_001` no such subscription, or nobody bills it"),
    ),
)]
pub async fn cancel(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
    Body(input): Body<CancelInput>,
) -> ApiResult<Json<ListedSubscriptionBody>> {
    let reason = reason(input.reason.as_deref())?;
    let changes = services.changes();
    if input.now {
        changes.cancel_now(&ctx, app, id, reason).await?;
    } else {
        changes.cancel(&ctx, app, id, reason).await?;
    }
    Ok(Json(shown(&services, &ctx, app, id).await?))
}
