//! `/dashboard/{slug}/alerts`.

use std::sync::Arc;

use app::admin::{billing::alerts::AlertsPage, form::Sent, frame::Done};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, Problem,
    id::{AlertId, NotificationId},
    route,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::desk::{Answer, Desk, Posted, Refused, done, gone, unknown_action};
use crate::pages::asked::{Fields, see_other};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let request = desk.list_page();
    let resolved = desk.asked.parameter("state").as_deref() == Some("resolved");
    let (services, application) = (desk.services(), entry.application.id);
    let alerts = desk.try_to(services.alerts().page(desk.ctx(), application, resolved, &request).await)?;
    let failed = desk.try_to(services.alerts().failed(desk.ctx(), application).await)?;
    let later = request.after.is_some();
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <AlertsPage frame alerts failed resolved later sent/> }))
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
        _ => return Err(unknown_action()),
    };
    Ok(done(&here, told))
}
