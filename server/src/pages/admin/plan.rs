//! `/dashboard/{slug}/plans/new` and `/dashboard/{slug}/plans/{key}`.

use std::sync::Arc;

use app::admin::{
    draft::{PlanDraft, PriceDraft, Sheet},
    form::{Sent, Values},
    frame::Done,
    plans::{
        card::blank,
        list::href,
        page::{NewPlanPage, PlanPage},
    },
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, Flaw, Problem,
    billing::plan::{NewPlan, Plan, PlanPatch},
    id::PlanId,
    route,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    plans::archive,
};
use crate::pages::asked::Fields;

fn base(entry: &ApplicationEntry) -> String {
    route::dashboard(entry.application.slug.as_str(), "plans")
}

/// The buttons that change the editor and save nothing: another shape of the features, one more row.
fn reshaped(draft: PlanDraft, action: &str) -> Option<PlanDraft> {
    let features = match action {
        "features_as_table" => draft.features.switched(Sheet::Table, "features"),
        "features_as_json" => draft.features.switched(Sheet::Json, "features"),
        // Spare rows come back with every page.
        "features_add_row" => draft.features.clone(),
        _ => return None,
    };
    Some(PlanDraft { features, ..draft })
}

/// What is wrong with features that could not take another shape.
fn shape_errors(desk: &Desk, draft: &PlanDraft, values: &Values) -> Sent {
    let errors = draft.features().err().unwrap_or_default();
    Sent { text: desk.asked.visit.text(), action: "save".into(), values: values.clone(), errors, message: None }
}

pub async fn show_new(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    new_page(&desk, entry, StatusCode::OK, PlanDraft::new(), Sent::default()).await
}

async fn new_page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    status: StatusCode,
    draft: PlanDraft,
    sent: Sent,
) -> Answer {
    let base = desk.try_to(blank(desk.asked.visit.text()).map_err(service::Error::internal))?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <NewPlanPage frame draft base sent/> }))
}

pub async fn submit_new(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let draft = PlanDraft::read(&posted.values);
    if let Some(draft) = reshaped(draft.clone(), posted.action()) {
        let sent = shape_errors(&desk, &draft, &posted.values);
        return new_page(&desk, entry, StatusCode::OK, draft, sent).await;
    }
    match create(&desk, &entry, &draft).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            new_page(&desk, entry, status, draft, sent).await
        }
    }
}

async fn create(desk: &Desk, entry: &ApplicationEntry, draft: &PlanDraft) -> Result<Response, Refused> {
    let parsed = draft.parse(desk.locale())?;
    let new = NewPlan {
        key: parsed.key,
        name: parsed.name,
        description: parsed.description,
        features: parsed.features,
        is_default: parsed.is_default,
        is_listed: parsed.is_listed,
        position: None,
        stripe_product_id: parsed.stripe_product_id,
        prices: parsed.price.into_iter().collect(),
    };
    let plan = desk.services().plans().create(desk.ctx(), entry.application.id, new).await?;
    Ok(done(&href(&base(entry), &plan), Done::Created))
}

pub async fn show(desk: Desk, Path((slug, key)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let plan = find(&desk, &entry, &key)?;
    page(&desk, entry, plan.id, StatusCode::OK, PlanDraft::of(&plan), Sent::default(), None).await
}

/// By key, or by id for the plan whose key is `new`.
fn find(desk: &Desk, entry: &ApplicationEntry, key: &str) -> Result<Arc<Plan>, Instead> {
    let by_id = || entry.plan(key.parse().ok()?);
    entry.plan_by_key(key).or_else(by_id).cloned().ok_or_else(|| desk.fail(ErrorCode::PlanNotFound.into()))
}

async fn page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    plan: PlanId,
    status: StatusCode,
    draft: PlanDraft,
    sent: Sent,
    in_use: Option<i64>,
) -> Answer {
    let summary = desk.try_to(desk.services().plans().get(desk.ctx(), entry.application.id, plan).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <PlanPage frame summary draft sent in_use/> }))
}

pub async fn submit(desk: Desk, Path((slug, key)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let plan = posted.about(find(&desk, &entry, &key), &base(&entry))?;
    // The key is no field of this form; errors of other forms show the plan as it is.
    let typed = || PlanDraft { key: plan.key.to_string(), price: PriceDraft::new(), ..PlanDraft::read(&posted.values) };
    if let Some(draft) = reshaped(typed(), posted.action()) {
        let sent = shape_errors(&desk, &draft, &posted.values);
        return page(&desk, entry, plan.id, StatusCode::OK, draft, sent, None).await;
    }
    let draft = if posted.action() == "save" { typed() } else { PlanDraft::of(&plan) };
    match change(&desk, &entry, &plan, &draft, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let in_use = subscribers(&refused);
            let (status, mut sent) = posted.again(&desk, refused)?;
            if in_use.is_some() {
                sent.message = None;
            }
            page(&desk, entry, plan.id, status, draft, sent, in_use).await
        }
    }
}

/// The count of `SUB_003`.
fn subscribers(refused: &Refused) -> Option<i64> {
    let Refused::Error(service::Error::Problem(Problem { code: ErrorCode::PlanInUse, facts, .. })) = refused else {
        return None;
    };
    facts.iter().find(|(name, _)| *name == "activeSubscribers").map(|(_, count)| *count)
}

async fn change(
    desk: &Desk,
    entry: &ApplicationEntry,
    plan: &Plan,
    draft: &PlanDraft,
    posted: &Posted,
) -> Result<Response, Refused> {
    let application = entry.application.id;
    let list = base(entry);
    let own = href(&list, plan);
    let plans = desk.services().plans();
    match posted.action() {
        "save" => {
            let parsed = draft.parse(desk.locale())?;
            let patch = PlanPatch {
                name: Some(parsed.name),
                description: Some(parsed.description),
                features: Some(parsed.features),
                is_default: Some(parsed.is_default),
                is_listed: Some(parsed.is_listed),
                stripe_product_id: Some(parsed.stripe_product_id),
                ..PlanPatch::default()
            };
            plans.update(desk.ctx(), application, plan.id, patch).await?;
            Ok(done(&own, Done::Saved))
        }
        "add_price" => {
            let new = PriceDraft::read(&posted.values).parse(desk.locale())?;
            plans.add_price(desk.ctx(), application, plan.id, new).await?;
            Ok(done(&own, Done::Saved))
        }
        "remove_price" => {
            let price = posted.values.get("price").parse();
            let price = price.map_err(|_| Problem::field("price", Flaw::ForeignPrice))?;
            gone(plans.remove_price(desk.ctx(), application, plan.id, price).await)?;
            Ok(done(&own, Done::Saved))
        }
        step @ ("archive" | "unarchive") => {
            let archived = step == "archive";
            archive(desk, entry, plan.id, archived).await?;
            Ok(done(&own, if archived { Done::Archived } else { Done::Restored }))
        }
        "delete" => {
            gone(plans.delete(desk.ctx(), application, plan.id).await)?;
            Ok(done(&list, Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}
