use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// End a subscription
///
/// At once.
#[utoipa::path(
    delete, path = "/api/admin/applications/{appId}/users/{userId}/subscription", tag = "Subscription of a user",
    operation_id = "endSubscription",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 404, description = "`USR_001` not a user of this application, `SUB_001` nothing is live"),
        (status = 409, description = "`SUB_006` a payment provider bills it"),
    ),
)]
pub async fn end(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
) -> ApiResult<StatusCode> {
    services.subscriptions().end(&ctx, app, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
