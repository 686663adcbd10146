use axum::{Json, extract::State};
use domain::id::SubscriptionId;
use service::Services;

use super::{target::shown, view::ListedSubscriptionBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Resume a subscription
///
/// Its period ends later by as long as the pause was.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}/resume", tag = "Subscriptions",
    operation_id = "resumeSubscription",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    responses(
        (status = 200, body = ListedSubscriptionBody),
        (status = 400, description = "`SUB_004` it has ended, or this does not apply to it"),
        (status = 404, description = "`SUB_001` no such subscription, or nobody bills it"),
    ),
)]
pub async fn resume(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
) -> ApiResult<Json<ListedSubscriptionBody>> {
    services.changes().resume(&ctx, app, id).await?;
    Ok(Json(shown(&services, &ctx, app, id).await?))
}
