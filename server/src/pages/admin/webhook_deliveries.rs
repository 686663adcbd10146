//! `/dashboard/{slug}/webhooks/{id}/deliveries`, and one of them.

use std::sync::Arc;

use app::admin::{
    form::Sent,
    frame::Done,
    webhooks::{
        deliveries::{DeliveriesPage, Query},
        delivery::DeliveryPage,
    },
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    id::WebhookDeliveryId,
    webhook::{delivery::DeliveryStatus, endpoint::Endpoint},
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, unknown_action},
    webhooks::{address, find},
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let endpoint = find(&desk, &entry, &id).await?;
    let status = desk.asked.parameter("status").and_then(|status| DeliveryStatus::parse(&status));
    let request = desk.list_page();
    let page = desk.services().deliveries().page(desk.ctx(), entry.application.id, endpoint.id, status, &request).await;
    let deliveries = desk.try_to(page)?;
    let query = Query { status, later: request.after.is_some() };
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <DeliveriesPage frame endpoint deliveries query/> }))
}

pub async fn show_one(desk: Desk, Path((slug, id, delivery)): Path<(String, String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let endpoint = find(&desk, &entry, &id).await?;
    let delivery = parse_id(&desk, &delivery)?;
    page(&desk, entry, endpoint, delivery, StatusCode::OK, Sent::default()).await
}

fn parse_id(desk: &Desk, id: &str) -> Result<WebhookDeliveryId, Instead> {
    id.parse().map_err(|_| desk.not_found())
}

async fn page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    endpoint: Endpoint,
    id: WebhookDeliveryId,
    status: StatusCode,
    sent: Sent,
) -> Answer {
    let detail = desk.services().deliveries().get(desk.ctx(), entry.application.id, endpoint.id, id).await;
    let detail = desk.try_to(detail)?;
    let (delivery, headers, body) = (detail.delivery, detail.headers, detail.body);
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <DeliveryPage frame endpoint delivery headers body sent/> }))
}

pub async fn submit_one(
    desk: Desk,
    Path((slug, id, delivery)): Path<(String, String, String)>,
    fields: Fields,
) -> Answer {
    let entry = desk.application(&slug).await?;
    let endpoint = find(&desk, &entry, &id).await?;
    let delivery = parse_id(&desk, &delivery)?;
    let posted = Posted::from(fields);
    match resend(&desk, &entry, &endpoint, delivery, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            page(&desk, entry, endpoint, delivery, status, sent).await
        }
    }
}

async fn resend(
    desk: &Desk,
    entry: &ApplicationEntry,
    endpoint: &Endpoint,
    id: WebhookDeliveryId,
    posted: &Posted,
) -> Result<Response, Refused> {
    if posted.action() != "resend" {
        return Err(unknown_action());
    }
    desk.services().deliveries().resend(desk.ctx(), entry.application.id, endpoint.id, id).await?;
    Ok(done(&format!("{}/deliveries/{id}", address(entry, endpoint)), Done::WebhookResent))
}
