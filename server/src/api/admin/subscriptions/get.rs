use axum::{Json, extract::State};
use domain::id::SubscriptionId;
use service::Services;

use super::view::{ListedSubscriptionView, SubscriptionDetailBody};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Get a subscription
///
/// With its invoices.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/subscriptions/{subscriptionId}", tag = "Subscriptions",
    operation_id = "getListedSubscription",
    params(("appId" = Uuid, Path), ("subscriptionId" = Uuid, Path)),
    responses((status = 200, body = SubscriptionDetailBody)),
)]
pub async fn get(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<SubscriptionId>,
) -> ApiResult<Json<SubscriptionDetailBody>> {
    let listed = services.subscription_list().get(&ctx, app, id).await?;
    let invoices = services.invoices().of_member(&ctx, app, listed.user.id).await?;
    let invoices = invoices.iter().filter(|invoice| invoice.subscription_id == id).map(Into::into).collect();
    let subscription = ListedSubscriptionView::new(listed, services.billing_now(app));
    Ok(Json(SubscriptionDetailBody { subscription, invoices }))
}
