use axum::{Json, extract::State};
use domain::{Flaw, Problem, id::WebhookEndpointId, page::PageRequest, webhook::delivery::DeliveryStatus};
use serde::Deserialize;
use service::Services;
use utoipa::IntoParams;

use super::view::WebhookDeliveryList;
use crate::{
    api::admin::{door::AppAdmin, listing::one_of},
    http::{
        error::ApiResult,
        params::{Id, Query},
    },
};

/// Which deliveries are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookDeliveryQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `waiting`, `delivered` or `failed`.
    status: Option<String>,
}

/// List a webhook's deliveries
///
/// Newest first. What was delivered or given up is there for 30 days.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/webhooks/{webhookId}/deliveries", tag = "Webhooks",
    operation_id = "listWebhookDeliveries",
    params(("appId" = Uuid, Path), ("webhookId" = Uuid, Path), WebhookDeliveryQuery),
    responses(
        (status = 200, body = WebhookDeliveryList),
        (status = 404, description = "`APP_002` no such webhook in this application"),
    ),
)]
pub async fn deliveries(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(webhook): Id<WebhookEndpointId>,
    Query(query): Query<WebhookDeliveryQuery>,
) -> ApiResult<Json<WebhookDeliveryList>> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let status = query.status.as_deref().map(|text| {
        let known = || Flaw::OneOf(one_of(DeliveryStatus::ALL.map(DeliveryStatus::as_str)));
        DeliveryStatus::parse(text).ok_or_else(|| Problem::field("status", known()))
    });
    let page = services.deliveries().page(&ctx, app, webhook, status.transpose()?, &page).await?;
    let deliveries = page.items.iter().map(Into::into).collect();
    Ok(Json(WebhookDeliveryList { deliveries, next_cursor: page.next_cursor }))
}
