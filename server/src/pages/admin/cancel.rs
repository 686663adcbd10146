//! `/dashboard/{slug}/subscriptions/cancel`: several subscriptions are canceled together.

use std::sync::Arc;

use app::admin::{
    form::Sent,
    subscriptions::cancel::{CancelPage, ID},
};
use axum::{
    extract::{Path, RawQuery},
    http::StatusCode,
};
use domain::{id::SubscriptionId, page::PageRequest};
use leptos::prelude::*;
use service::{billing::lists::cancel::Ending, directory::ApplicationEntry};

use super::desk::{Answer, Desk, Posted, Refused, unknown_action};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Answer {
    let entry = desk.application(&slug).await?;
    let fields = serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let ids = chosen(&Posted::from(Fields(fields)));
    ask(&desk, entry, &ids, StatusCode::OK, Sent::default()).await
}

/// Those that were selected; a page of the list has fewer than are taken.
fn chosen(posted: &Posted) -> Vec<SubscriptionId> {
    let limit = usize::try_from(PageRequest::MAX_LIMIT).unwrap_or(usize::MAX);
    posted.values.all(ID).filter_map(|id| id.parse().ok()).take(limit).collect()
}

async fn ask(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    ids: &[SubscriptionId],
    status: StatusCode,
    sent: Sent,
) -> Answer {
    let chosen = desk.services().changes().endings(desk.ctx(), entry.application.id, ids).await;
    let chosen = desk.try_to(chosen)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <CancelPage frame chosen done=false sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let ids = chosen(&posted);
    match act(&desk, &entry, &ids, &posted).await {
        Ok(chosen) => {
            let frame = desk.frame(Some(entry)).await?;
            Ok(desk.asked.page(StatusCode::OK, || view! { <CancelPage frame chosen done=true sent=Sent::default()/> }))
        }
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            ask(&desk, entry, &ids, status, sent).await
        }
    }
}

async fn act(
    desk: &Desk,
    entry: &ApplicationEntry,
    ids: &[SubscriptionId],
    posted: &Posted,
) -> Result<Vec<Ending>, Refused> {
    if posted.action() != "cancel" {
        return Err(unknown_action());
    }
    let (changes, application) = (desk.services().changes(), entry.application.id);
    Ok(changes.cancel_each(desk.ctx(), application, ids, posted.reason()?).await?)
}
