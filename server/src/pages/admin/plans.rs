//! `/dashboard/{slug}/plans`.

use std::sync::Arc;

use app::admin::{form::Sent, frame::Done, plans::list::PlansPage};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    Currency, Flaw, Money, Problem,
    billing::{
        feature::Features,
        plan::{NewPlan, PlanKey, PlanName, PlanPatch},
        price::{Interval, NewPrice, PriceName},
    },
    id::PlanId,
    route,
    text::Description,
};
use leptos::prelude::*;
use serde_json::json;
use service::directory::ApplicationEntry;

use super::desk::{Answer, Desk, Posted, Refused, done, unknown_action};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let application = entry.application.id;
    let plans = desk.try_to(desk.services().plans().list(desk.ctx(), application).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <PlansPage frame application plans sent/> }))
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
    let application = entry.application.id;
    let path = route::dashboard(entry.application.slug.as_str(), "plans");
    let plans = desk.services().plans();
    let plan = || parse_plan(posted.values.get("plan"));
    match posted.action() {
        step @ ("up" | "down") => {
            let order = moved(entry, plan()?, step == "up");
            plans.reorder(desk.ctx(), application, order).await?;
            Ok(done(&path, Done::Moved))
        }
        "reorder" => {
            let order = posted.values.get("order").split(',').map(parse_plan).collect::<Result<_, _>>()?;
            plans.reorder(desk.ctx(), application, order).await?;
            Ok(done(&path, Done::Moved))
        }
        step @ ("archive" | "unarchive") => {
            let archived = step == "archive";
            archive(desk, entry, plan()?, archived).await?;
            Ok(done(&path, if archived { Done::Archived } else { Done::Restored }))
        }
        "example" => {
            for new in example(desk)? {
                plans.create(desk.ctx(), application, new).await?;
            }
            Ok(done(&path, Done::Created))
        }
        _ => Err(unknown_action()),
    }
}

/// Archives a plan or brings it back.
pub async fn archive(desk: &Desk, entry: &ApplicationEntry, plan: PlanId, archived: bool) -> service::Result<()> {
    let patch = PlanPatch { archived: Some(archived), ..PlanPatch::default() };
    desk.services().plans().update(desk.ctx(), entry.application.id, plan, patch).await?;
    Ok(())
}

fn parse_plan(id: &str) -> Result<PlanId, Problem> {
    id.parse().map_err(|_| Problem::field("plan", Flaw::ForeignPlan))
}

/// The order with one plan a place up or down.
fn moved(entry: &ApplicationEntry, plan: PlanId, up: bool) -> Vec<PlanId> {
    let mut order: Vec<_> = entry.plans.iter().map(|plan| plan.id).collect();
    if let Some(at) = order.iter().position(|id| *id == plan) {
        let other = if up { at.saturating_sub(1) } else { (at + 1).min(order.len() - 1) };
        order.swap(at, other);
    }
    order
}

/// Free, which everybody gets, and Pro.
fn example(desk: &Desk) -> Result<[NewPlan; 2], Refused> {
    let text = desk.asked.visit.text();
    let broken = |error: Flaw| Refused::from(service::Error::internal(error));
    let name = |name: &str| PlanName::parse(name).map_err(broken);
    let price = |name: &str, amount: i64, interval: Interval| {
        Ok::<_, Refused>(NewPrice {
            name: PriceName::parse(name).map_err(broken)?,
            money: Money::new(amount, Currency::parse("usd")?)?,
            interval,
            trial_days: None,
            stripe_price_id: None,
        })
    };
    let free = NewPlan {
        key: PlanKey::parse("free").ok(),
        description: Description::parse(&text.example_free_description()).map_err(broken)?,
        features: Features::parse(json!({ "maxProjects": 3, "exportEnabled": false }))?,
        is_default: true,
        ..NewPlan::new(name("Free")?)
    };
    let pro = NewPlan {
        key: PlanKey::parse("pro").ok(),
        description: Description::parse(&text.example_pro_description()).map_err(broken)?,
        features: Features::parse(json!({ "maxProjects": 50, "exportEnabled": true, "storageGb": 100 }))?,
        prices: vec![price("Monthly", 999, Interval::Month)?, price("Yearly", 9990, Interval::Year)?],
        ..NewPlan::new(name("Pro")?)
    };
    Ok([free, pro])
}
