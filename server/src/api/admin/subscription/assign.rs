use axum::{Json, extract::State, http::StatusCode};
use domain::id::UserId;
use service::Services;

use super::{
    input::AssignmentInput,
    view::{SubscriptionBody, SubscriptionView},
};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Assign a plan
///
/// Without payment, to a user who has no live subscription.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/users/{userId}/subscription", tag = "Subscription of a user",
    operation_id = "assignSubscription",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    request_body = AssignmentInput,
    responses(
        (status = 201, body = SubscriptionBody),
        (status = 404, description = "`USR_001` not a user of this application, `SUB_001` no such plan in it"),
        (status = 409, description = "`SUB_002` one is live already"),
    ),
)]
pub async fn assign(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
    Body(input): Body<AssignmentInput>,
) -> ApiResult<(StatusCode, Json<SubscriptionBody>)> {
    let assignment = input.parse(false, services.billing_now(app))?;
    let held = services.subscriptions().assign(&ctx, app, user, assignment).await?;
    let subscription = SubscriptionView::new(&held, services.billing_now(app));
    Ok((StatusCode::CREATED, Json(SubscriptionBody { subscription })))
}
