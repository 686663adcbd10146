//! `/dashboard`.

use app::admin::{
    frame::Section,
    overview::{Card, Overview},
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
};
use domain::route;
use leptos::prelude::*;

use super::desk::{Answer, Desk};
use crate::http::redirect::see_other;

pub async fn show(desk: Desk, headers: HeaderMap) -> Answer {
    if let Some(elsewhere) = desk.wanted(&headers) {
        return Ok(elsewhere);
    }
    let frame = desk.frame(None).await?;
    let directory = desk.services().directory();
    let card = |entry: &std::sync::Arc<service::directory::ApplicationEntry>| {
        let application = &entry.application;
        let clients = directory.clients.values().filter(|client| client.client.application_id == application.id);
        Card {
            name: application.settings.name.to_string(),
            slug: application.slug.to_string(),
            description: application.settings.description.to_string(),
            plans: entry.plans.iter().filter(|plan| plan.archived_at.is_none()).count(),
            clients: clients.count(),
        }
    };
    let cards = frame.applications.iter().map(card).collect();
    Ok(desk.asked.page(StatusCode::OK, || view! { <Overview frame cards/> }))
}

/// An application's own address leads to its plans.
pub async fn enter(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    Ok(see_other(&route::dashboard(entry.application.slug.as_str(), Section::Plans.path())))
}
