//! `/portal/change`: what another plan would cost, and the button that agrees to it.

use app::{
    form::Fault,
    portal::{Change, ChangePage, Done, Preview},
};
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, billing::plan::PlanKey, id::PriceId};
use leptos::prelude::*;
use service::portal::{Agreed, Confirmed, Terms};

use super::{
    desk::{Desk, fault},
    done, overview,
};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk) -> Response {
    let wanted = |name| desk.asked.parameter(name).unwrap_or_default();
    let Some((plan, price)) = parse(&wanted("plan"), &wanted("price")) else { return missing(&desk).await };
    match desk.services().portal().preview(&desk.ctx, &desk.visitor, &plan, price).await {
        Ok(terms) => page(&desk, &plan, terms, false).await,
        Err(error) => refused(&desk, error).await,
    }
}

/// Agreed: but only to what was shown.
pub async fn submit(desk: Desk, fields: Fields) -> Response {
    let Some((plan, price)) = parse(fields.get("plan"), fields.get("price")) else { return missing(&desk).await };
    let agreed = Agreed { plan: plan.clone(), price, seen: fields.seen() };
    if !desk.is_for(&fields) {
        return missing(&desk).await;
    }
    match desk.services().portal().confirm(&desk.ctx, &desk.visitor, agreed).await {
        Ok(Confirmed::Differs(terms)) => page(&desk, &plan, terms, true).await,
        Ok(Confirmed::Checkout(path)) => see_other(&path),
        Ok(Confirmed::Scheduled) => see_other(&done(Done::Scheduled)),
        Ok(Confirmed::Changed) => see_other(&done(Done::Changed)),
        Err(error) => refused(&desk, error).await,
    }
}

fn parse(plan: &str, price: &str) -> Option<(PlanKey, Option<PriceId>)> {
    let price = if price.is_empty() { None } else { Some(price.parse().ok()?) };
    Some((PlanKey::parse(plan).ok()?, price))
}

/// A plan that nobody can read, or a form of another visit.
async fn missing(desk: &Desk) -> Response {
    overview::refused(desk, Fault::Stale, StatusCode::CONFLICT).await
}

async fn refused(desk: &Desk, error: service::Error) -> Response {
    match fault(error) {
        // It was paused meanwhile: the page says so.
        Ok((Fault::Code(ErrorCode::BilledByProvider), status)) => overview::refused(desk, Fault::Stale, status).await,
        Ok((fault, status)) => overview::refused(desk, fault, status).await,
        Err(error) => desk.asked.fail(error),
    }
}

async fn page(desk: &Desk, plan: &PlanKey, terms: Terms, changed: bool) -> Response {
    let (visit, product) = (desk.asked.visit.clone(), desk.product());
    let held = desk.visitor.holder.subscription.as_ref();
    let change = Change { application: &desk.visitor.application, held, plan, terms };
    match Preview::of(change, desk.services().now(), visit.text()) {
        Some(preview) => {
            let status = if changed { StatusCode::CONFLICT } else { StatusCode::OK };
            desk.asked.page(status, || view! { <ChangePage visit product preview changed/> })
        }
        None => missing(desk).await,
    }
}
