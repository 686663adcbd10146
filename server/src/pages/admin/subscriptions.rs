//! `/dashboard/{slug}/subscriptions`.

use app::admin::subscriptions::list::{Query, SubscriptionsPage};
use axum::{extract::Path, http::StatusCode};
use domain::billing::subscription::Status;
use leptos::prelude::*;
use service::billing::lists::subscriptions::SubscriptionFilter;

use super::desk::{Answer, Desk};
use crate::export::{self, Export};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let asked = |name: &str| desk.asked.parameter(name).filter(|value| !value.is_empty());
    let search = desk.asked.search();
    let status = asked("status").and_then(|status| Status::parse(&status));
    let plan = asked("plan").and_then(|key| entry.plan_by_key(&key).cloned());
    let filter = SubscriptionFilter { status, plan: plan.as_ref().map(|plan| plan.id), search: Some(search.clone()) };
    let (services, application) = (desk.services().clone(), entry.application.id);
    let part = desk.list_part();
    let sort = part.sort;
    if asked("format").as_deref() == Some("csv") {
        return Ok(export::subscriptions(Export { services, ctx: desk.ctx().clone(), application, filter, sort }));
    }
    let list = services.subscription_list().part(desk.ctx(), application, &filter, &part).await;
    let subscriptions = desk.try_to(list)?;
    let query = Query { search, status, plan: plan.map(|plan| plan.key.clone()), sort, later: part.after.is_some() };
    let now = entry.billing_time(services.now());
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <SubscriptionsPage frame subscriptions query now/> }))
}
