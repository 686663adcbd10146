//! `/dashboard/{slug}/subscriptions/{id}`.

use std::sync::Arc;

use app::{
    admin::{
        form::Sent,
        frame::Done,
        subscriptions::page::{Preview, SubscriptionPage, Surroundings},
    },
    form::Fault,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, Flaw, Problem,
    billing::{plan::PlanKey, quote::Seen},
    id::{InvoiceId, PriceId, SubscriptionId},
    route,
};
use leptos::prelude::*;
use service::{
    billing::lists::switch::{Switch, Switched},
    directory::ApplicationEntry,
};

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, unknown_action},
    moment::moment,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let id = parse_id(&desk, &id)?;
    let wanted = desk.asked.parameter("to").filter(|to| !to.is_empty());
    let Some(to) = wanted else { return page(&desk, entry, id, Shown::default()).await };
    match preview(&desk, &entry, id, &to).await {
        Ok(preview) => page(&desk, entry, id, Shown { preview: Some(preview), ..Shown::default() }).await,
        Err(refused) => refuse(&desk, entry, id, of_preview(), refused).await,
    }
}

fn parse_id(desk: &Desk, id: &str) -> Result<SubscriptionId, Instead> {
    id.parse().map_err(|_| desk.fail(ErrorCode::PlanNotFound.into()))
}

/// What a page shows that its address alone does not say.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    preview: Option<Preview>,
    pay_link: Option<String>,
    sent: Sent,
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, id: SubscriptionId, shown: Shown) -> Answer {
    let (services, ctx, application) = (desk.services(), desk.ctx(), entry.application.id);
    let listed = desk.try_to(services.subscription_list().get(ctx, application, id).await)?;
    let method = desk.try_to(services.subscription_list().method(ctx, application, id).await)?;
    let mut invoices = desk.try_to(services.invoices().of_member(ctx, application, listed.user.id).await)?;
    invoices.retain(|invoice| invoice.subscription_id == id);
    let history = desk.try_to(services.histories().of_member(ctx, application, listed.user.id).await)?;
    let Shown { status, preview, pay_link, sent } = shown;
    let around = Surroundings { method, invoices, history, preview, pay_link };
    let now = entry.billing_time(services.now());
    let frame = desk.frame(Some(entry.clone())).await?;
    Ok(desk.asked.page(status, || view! { <SubscriptionPage frame entry listed around now sent/> }))
}

/// What a change would cost: `to` is the plan's key and the price's id, with a slash between them.
async fn preview(desk: &Desk, entry: &ApplicationEntry, id: SubscriptionId, to: &str) -> Result<Preview, Refused> {
    let (services, ctx, application) = (desk.services(), desk.ctx(), entry.application.id);
    let (key, price) = to.split_once('/').unwrap_or((to, ""));
    let foreign = || Problem::field("plan", Flaw::ForeignPlan);
    let plan = entry.plan_by_key(key).ok_or_else(foreign)?.clone();
    let price = plan.prices.iter().find(|own| own.id.to_string() == price).cloned();
    let wanted = price.as_ref().map(|price| price.id);
    let quote = services.changes().preview(ctx, application, id, plan.key.clone(), wanted, None).await?;
    let agreed = quote.seen(services.now());
    Ok(Preview { plan, price, quote, agreed })
}

fn of_preview() -> Posted {
    Posted { values: app::admin::form::Values(vec![("action".into(), "preview".into())]) }
}

async fn refuse(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    id: SubscriptionId,
    posted: Posted,
    refused: Refused,
) -> Answer {
    let stale = matches!(&refused, Refused::Error(error) if is_stale(error.code()));
    let (mut status, mut sent) = posted.again(desk, refused)?;
    if stale {
        status = StatusCode::CONFLICT;
        sent.message = Some(Fault::Stale.text(sent.text));
    }
    page(desk, entry, id, Shown { status, sent, ..Shown::default() }).await
}

/// It is done already, or cannot be done any more: another click, another admin, or time was faster.
const fn is_stale(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::SubscriptionExpired | ErrorCode::AlreadySubscribed)
}

pub async fn submit(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let id = parse_id(&desk, &id)?;
    let posted = Posted::from(fields);
    match act(&desk, &entry, id, &posted).await {
        Ok(Acted::Answer(response)) => Ok(response),
        Ok(Acted::Pay(link)) => page(&desk, entry, id, Shown { pay_link: Some(link), ..Shown::default() }).await,
        Err(refused) if posted.action() == "change" => refuse(&desk, entry, id, of_preview(), refused).await,
        Err(refused) => refuse(&desk, entry, id, posted, refused).await,
    }
}

enum Acted {
    Answer(Response),
    /// The change has to be paid first, at this address.
    Pay(String),
}

async fn act(desk: &Desk, entry: &ApplicationEntry, id: SubscriptionId, posted: &Posted) -> Result<Acted, Refused> {
    let (services, ctx, application) = (desk.services(), desk.ctx(), entry.application.id);
    let changes = services.changes();
    let told = match posted.action() {
        "mark_paid" => {
            services.invoices().mark_paid(ctx, application, invoice(posted)?, posted.reason()?).await?;
            Done::MarkedPaid
        }
        "cancel" => changes.cancel(ctx, application, id, posted.reason()?).await.map(|_| Done::Canceled)?,
        "cancel_now" => changes.cancel_now(ctx, application, id, posted.reason()?).await.map(|_| Done::Canceled)?,
        "undo" => changes.undo(ctx, application, id).await.map(|_| Done::Kept)?,
        "pause" => changes.pause(ctx, application, id).await.map(|_| Done::Paused)?,
        "resume" => changes.resume(ctx, application, id).await.map(|_| Done::Resumed)?,
        "extend" => {
            let until = moment(posted.values.get("until")).map_err(|flaw| Problem::field("until", flaw))?;
            changes.extend_trial(ctx, application, id, until).await.map(|_| Done::Extended)?
        }
        "change" => match changes.switch(ctx, application, id, switch(posted)?).await? {
            Switched::Done(_) => Done::Changed,
            Switched::Pay(link) => return Ok(Acted::Pay(link)),
        },
        _ => return Err(unknown_action()),
    };
    let here = route::dashboard(entry.application.slug.as_str(), "subscriptions");
    Ok(Acted::Answer(done(&format!("{here}/{id}"), told)))
}

fn invoice(posted: &Posted) -> Result<InvoiceId, Refused> {
    posted.values.get("invoice").parse().map_err(|_| Problem::from(ErrorCode::PlanNotFound).into())
}

fn switch(posted: &Posted) -> Result<Switch, Problem> {
    let plan = PlanKey::parse(posted.values.get("plan")).map_err(|_| Problem::field("plan", Flaw::ForeignPlan))?;
    let price = posted.values.filled("price").map(str::parse::<PriceId>).transpose();
    let price = price.map_err(|_| Problem::field("plan", Flaw::ForeignPrice))?;
    Ok(Switch { plan, price, agreed: Some(Seen::parse(posted.values.get("agreed"))) })
}
