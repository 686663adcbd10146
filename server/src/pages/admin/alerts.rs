//! `/dashboard/{slug}/alerts`.

use std::sync::Arc;

use app::admin::{
    billing::alerts::{AlertsPage, Shown},
    form::Sent,
    frame::Done,
    list::address,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, Problem,
    id::{AlertId, NotificationId},
    route,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::desk::{Answer, Desk, Posted, Refused, done, gone, unknown_action};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

/// Which alerts the address asks for.
fn shown(desk: &Desk) -> Shown {
    Shown::parse(&desk.asked.parameter("state").unwrap_or_default())
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let request = desk.list_page();
    let (shown, services, application) = (shown(desk), desk.services(), entry.application.id);
    let alerts = match shown {
        Shown::Drift => services.alerts().drift(desk.ctx(), application, &request).await,
        _ => services.alerts().page(desk.ctx(), application, shown == Shown::Resolved, &request).await,
    };
    let alerts = desk.try_to(alerts)?;
    let failed = desk.try_to(services.alerts().failed(desk.ctx(), application).await)?;
    let later = request.after.is_some();
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <AlertsPage frame alerts failed shown later sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
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
    let (services, application) = (desk.services(), entry.application.id);
    let here = route::dashboard(entry.application.slug.as_str(), "alerts");
    let here = address(&here, &[("state", shown(desk).as_str())]);
    let told = match posted.action() {
        "resolve" => {
            let ids = posted.values.all("alert").map(str::parse::<AlertId>).collect::<Result<Vec<_>, _>>();
            let ids = ids.map_err(|_| Problem::from(ErrorCode::PlanNotFound))?;
            if ids.is_empty() {
                return Ok(see_other(&here));
            }
            for id in ids {
                // One with a new cause is a new alert, for another look.
                gone(services.alerts().resolve(desk.ctx(), application, id).await.map(drop))?;
            }
            Done::Resolved
        }
        "retry" => {
            let id: NotificationId =
                posted.values.get("notification").parse().map_err(|_| Problem::from(ErrorCode::PlanNotFound))?;
            services.inbox().retry(desk.ctx(), application, id.get()).await?;
            Done::Retried
        }
        "check" => match services.reconcile_soon(desk.ctx(), application).await? {
            None => Done::Checking,
            Some(found) if found.failed > 0 => Done::HalfChecked,
            Some(found) if found.repaired > 0 => Done::Repaired,
            Some(_) => Done::Checked,
        },
        _ => return Err(unknown_action()),
    };
    Ok(done(&here, told))
}
