use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, Flaw, Problem,
    billing::subscription::Status,
    id::{ApplicationId, PlanId},
    page::PageRequest,
};
use serde::Deserialize;
use service::{Services, billing::lists::subscriptions::SubscriptionFilter, sorted::Sort};
use utoipa::IntoParams;

use super::view::{ListedSubscriptionView, SubscriptionList};
use crate::{
    api::admin::{
        door::AppAdmin,
        listing::{is_csv, one_of},
    },
    export::{self, Export},
    http::{
        error::ApiResult,
        params::{Query, sought},
    },
};

/// Which subscriptions are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubscriptionQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// One status.
    status: Option<String>,
    /// The key or the id of a plan.
    plan: Option<String>,
    /// Part of the user's e-mail address or name, the provider's reference, or a whole id.
    #[param(max_length = 254)]
    search: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

/// List subscriptions
///
/// Newest first, those that have ended too; as JSON page by page, as CSV whole.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/subscriptions", tag = "Subscriptions",
    operation_id = "listSubscriptions",
    params(("appId" = Uuid, Path), SubscriptionQuery),
    responses(
        (status = 200, body = SubscriptionList),
        (status = 404, description = "`APP_002` no such application; `SUB_001` no such plan in it"),
    ),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<SubscriptionQuery>,
) -> ApiResult<Response> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let status = query.status.as_deref().map(|text| {
        Status::parse(text)
            .ok_or_else(|| Problem::field("status", Flaw::OneOf(one_of(Status::ALL.map(Status::as_str)))))
    });
    let filter = SubscriptionFilter {
        status: status.transpose()?,
        plan: query.plan.as_deref().map(|plan| find(&services, app, plan)).transpose()?,
        search: sought(query.search.as_deref())?.map(str::to_owned),
    };
    if is_csv(query.format.as_deref())? {
        return Ok(export::subscriptions(Export { services, ctx, application: app, filter, sort: Sort::default() }));
    }
    let page = services.subscription_list().page(&ctx, app, &filter, &page).await?;
    let now = services.billing_now(app);
    let subscriptions = page.items.into_iter().map(|listed| ListedSubscriptionView::new(listed, now)).collect();
    Ok(Json(SubscriptionList { subscriptions, next_cursor: page.next_cursor }).into_response())
}

/// The plan that somebody asks for.
///
/// # Errors
/// `SUB_001` for one that is not the application's.
fn find(services: &Services, app: ApplicationId, plan: &str) -> Result<PlanId, Problem> {
    let directory = services.directory();
    let found = directory.application(app).and_then(|entry| entry.plan_named(plan));
    found.map(|plan| plan.id).ok_or_else(|| ErrorCode::PlanNotFound.into())
}
