use axum::{Json, extract::State};
use domain::{billing::quote::Seen, id::SubscriptionId};
use serde::{Deserialize, Serialize};
use service::{
    Services,
    billing::lists::switch::{Switch, Switched},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{preview::PlanChoiceInput, target::shown, view::ListedSubscriptionView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult, params::Id},
};

/// Where to, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeInput {
    plan_id: Uuid,
    /// The first price of the plan that is on offer, when left out.
    price_id: Option<Uuid>,
    /// From the preview: the change is refused where it costs something else by now. Sums that run by the second may
    /// move on for 15 minutes.
    agreed: Option<String>,
}

/// A subscription after a change, or what must be paid for it first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeBody {
    subscription: ListedSubscriptionView,
    /// Where the user pays; the plan changes once they have. Null when there is nothing to pay.
    checkout_url: Option<String>,
}

/// Change the plan
///
/// An upgrade is prorated and must be paid; a downgrade waits for the end of the period.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}/change", tag = "Subscriptions",
    operation_id = "changeSubscription",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    request_body = ChangeInput,
    responses(
        (status = 200, body = ChangeBody),
        (status = 400, description = "`APP_001` it costs something else by now, `SUB_004` it has ended"),
        (status = 409, description = "`SUB_002` it is the current plan and price"),
    ),
)]
pub async fn change(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
    Body(input): Body<ChangeInput>,
) -> ApiResult<Json<ChangeBody>> {
    let entry = services.require_admin(&ctx, app).await?;
    let choice = PlanChoiceInput::new(input.plan_id, input.price_id);
    let (plan, price) = choice.parse(&entry)?;
    let agreed = input.agreed.as_deref().map(Seen::parse);
    let checkout_url = match services.changes().switch(&ctx, app, id, Switch { plan, price, agreed }).await? {
        Switched::Done(_) => None,
        Switched::Pay(url) => Some(url),
    };
    let subscription = shown(&services, &ctx, app, id).await?.subscription;
    Ok(Json(ChangeBody { subscription, checkout_url }))
}
