use axum::{Json, extract::State};
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

/// Replace a plan
///
/// At once, whatever the user holds now.
#[utoipa::path(
    put, path = "/api/admin/applications/{appId}/users/{userId}/subscription", tag = "Subscription of a user",
    operation_id = "replaceSubscription",
    params(("appId" = Uuid, Path), ("userId" = Uuid, Path)),
    request_body = AssignmentInput,
    responses(
        (status = 200, body = SubscriptionBody),
        (status = 404, description = "`USR_001` not a user of this application, `SUB_001` no such plan in it"),
        (status = 409, description = "`SUB_006` a payment provider bills it"),
    ),
)]
pub async fn replace(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(user): Id<UserId>,
    Body(input): Body<AssignmentInput>,
) -> ApiResult<Json<SubscriptionBody>> {
    let assignment = input.parse(true, services.billing_now(app))?;
    let held = services.subscriptions().assign(&ctx, app, user, assignment).await?;
    Ok(Json(SubscriptionBody { subscription: SubscriptionView::new(&held, services.billing_now(app)) }))
}
