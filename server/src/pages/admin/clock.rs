//! `/dashboard/{slug}/clock`.

use std::sync::Arc;

use app::admin::{billing::clock::ClockPage, form::Sent, frame::Done};
use axum::{extract::Path, http::StatusCode, response::Response};
use chrono::TimeDelta;
use domain::{Problem, application::Provider, billing::clock::ClockStep, id::LedgerId, route};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::desk::{Answer, Desk, Instead, Posted, Refused, done, unknown_action};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = sandbox(&desk, &slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

/// An application that collects in the sandbox; the others have no such page.
async fn sandbox(desk: &Desk, slug: &str) -> Result<Arc<ApplicationEntry>, Instead> {
    let entry = desk.application(slug).await?;
    if entry.application.settings.provider == Provider::Sandbox { Ok(entry) } else { Err(desk.not_found()) }
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let (services, application) = (desk.services(), entry.application.id);
    let since = desk.asked.parameter("since").and_then(|id| id.parse::<LedgerId>().ok());
    let moved = match since {
        Some(since) => Some(desk.try_to(services.clocks().happened(desk.ctx(), application, since).await)?),
        None => None,
    };
    let real = services.now();
    let now = entry.billing_time(real);
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <ClockPage frame now real moved sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = sandbox(&desk, &slug).await?;
    let posted = Posted::from(fields);
    match act(&desk, &entry, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            page(&desk, entry, status, sent).await
        }
    }
}

async fn act(desk: &Desk, entry: &ApplicationEntry, posted: &Posted) -> Result<Response, Refused> {
    if posted.action() != "advance" {
        return Err(unknown_action());
    }
    let (clocks, ctx, application) = (desk.services().clocks(), desk.ctx(), entry.application.id);
    let step = ClockStep::parse(posted.values.get("advance")).map_err(|flaw| Problem::field("advance", flaw))?;
    let seen = posted.values.get("ahead").parse().ok().and_then(TimeDelta::try_seconds).ok_or_else(unknown_action)?;
    let here = route::dashboard(entry.application.slug.as_str(), "clock");
    if !clocks.advance_from(ctx, application, seen, step).await? {
        // The same form again, or somebody else was quicker: the page shows how it stands.
        return Ok(see_other(&here));
    }
    let since = clocks.last_move(ctx, application).await?;
    Ok(done(&since.map_or_else(|| here.clone(), |id| format!("{here}?since={id}")), Done::ClockMoved))
}
