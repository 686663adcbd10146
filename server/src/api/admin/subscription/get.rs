use axum::{Json, extract::State};
use domain::{ErrorCode, Problem, id::UserId};
use service::Services;

use super::view::{SubscriptionBody, SubscriptionView};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a user's live subscription
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/users/{userId}/subscription", tag = "Subscription of a user",
    operation_id = "getSubscription",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses(
        (status = 200, body = SubscriptionBody),
        (status = 404, description = "`USR_001` not a user of this application, `SUB_001` nothing is live"),
    ),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
) -> ApiResult<Json<SubscriptionBody>> {
    let none = || Problem::new(ErrorCode::PlanNotFound, "the user has no live subscription");
    let held = services.subscriptions().get(&ctx, app, user).await?.ok_or_else(none)?;
    Ok(Json(SubscriptionBody { subscription: SubscriptionView::new(&held, services.billing_now(app)) }))
}
