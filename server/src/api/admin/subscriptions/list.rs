use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Flaw, Problem, billing::subscription::Status};
use service::{Services, billing::lists::subscriptions::SubscriptionFilter, sorted::Sort};

use super::view::{ListedSubscriptionView, SubscriptionList};
use crate::{
    api::admin::{
        door::AppAdmin,
        listing::{MoneyQuery, one_of},
    },
    export::{self, Export},
    http::{error::ApiResult, params::Query},
};

/// List subscriptions
///
/// Newest first, those that have ended too; as JSON page by page, as CSV whole.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/subscriptions", tag = "Subscriptions",
    operation_id = "listSubscriptions",
    params(("appId" = Uuid, Path), MoneyQuery),
    responses((status = 200, body = SubscriptionList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<MoneyQuery>,
) -> ApiResult<Response> {
    let page = query.page()?;
    let status = query.status.as_deref().map(|text| {
        Status::parse(text)
            .ok_or_else(|| Problem::field("status", Flaw::OneOf(one_of(Status::ALL.map(Status::as_str)))))
    });
    let filter = SubscriptionFilter { status: status.transpose()?, plan: None, search: query.search()? };
    if query.is_csv()? {
        return Ok(export::subscriptions(Export { services, ctx, application: app, filter, sort: Sort::default() }));
    }
    let page = services.subscription_list().page(&ctx, app, &filter, &page).await?;
    let now = services.billing_now(app);
    let subscriptions = page.items.into_iter().map(|listed| ListedSubscriptionView::new(listed, now)).collect();
    Ok(Json(SubscriptionList { subscriptions, next_cursor: page.next_cursor }).into_response())
}
