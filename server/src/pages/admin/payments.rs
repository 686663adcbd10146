//! `/dashboard/{slug}/payments`, and one of them.

use app::admin::{
    form::Sent,
    frame::Done,
    payments::{
        list::{PaymentsPage, Query},
        page::PaymentPage,
    },
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{ErrorCode, FieldError, Flaw, Money, billing::payment::Status, id::PaymentId, route};
use leptos::prelude::*;
use service::{billing::lists::payments::PaymentFilter, directory::ApplicationEntry};

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, unknown_action},
    kept,
};
use crate::{
    export::{self, Export},
    pages::asked::Fields,
};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let asked = |name: &str| desk.asked.parameter(name).filter(|value| !value.is_empty());
    let search = desk.asked.search();
    let status = asked("status").and_then(|status| Status::parse(&status));
    let filter = PaymentFilter { status, search: Some(search.clone()) };
    let (services, application) = (desk.services().clone(), entry.application.id);
    let part = desk.list_part();
    let sort = part.sort;
    if asked("format").as_deref() == Some("csv") {
        return Ok(export::payments(Export { services, ctx: desk.ctx().clone(), application, filter, sort }));
    }
    let payments = desk.try_to(services.payment_list().part(desk.ctx(), application, &filter, &part).await)?;
    let query = Query { search, status, sort, later: part.after.is_some() };
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <PaymentsPage frame payments query/> }))
}

pub async fn show_one(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let id = parse_id(&desk, &id)?;
    page(&desk, entry, id, StatusCode::OK, kept::typed(&desk)).await
}

fn parse_id(desk: &Desk, id: &str) -> Result<PaymentId, Instead> {
    id.parse().map_err(|_| desk.fail(ErrorCode::PlanNotFound.into()))
}

async fn page(
    desk: &Desk,
    entry: std::sync::Arc<ApplicationEntry>,
    id: PaymentId,
    status: StatusCode,
    sent: Sent,
) -> Answer {
    let (services, application) = (desk.services(), entry.application.id);
    let listed = desk.try_to(services.payment_list().get(desk.ctx(), application, id).await)?;
    let invoice = match listed.invoice {
        Some(invoice) => Some(desk.try_to(services.invoices().get(desk.ctx(), application, invoice).await)?),
        None => None,
    };
    let history = desk.try_to(services.histories().of_payment(desk.ctx(), application, &listed).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <PaymentPage frame listed invoice history sent/> }))
}

pub async fn submit_one(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let id = parse_id(&desk, &id)?;
    let posted = Posted::from(fields);
    match refund(&desk, &entry, id, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, mut sent) = posted.again(&desk, refused)?;
            for error in &mut sent.errors {
                // The use case calls it so; on this page there are other amounts.
                if error.field == "amount" {
                    error.field = "refund".into();
                }
            }
            page(&desk, entry, id, status, sent).await
        }
    }
}

async fn refund(desk: &Desk, entry: &ApplicationEntry, id: PaymentId, posted: &Posted) -> Result<Response, Refused> {
    if posted.action() != "refund" {
        return Err(unknown_action());
    }
    let (services, ctx, application) = (desk.services(), desk.ctx(), entry.application.id);
    let listed = services.payment_list().get(ctx, application, id).await?;
    let here = format!("{}/{id}", route::dashboard(entry.application.slug.as_str(), "payments"));
    if posted.values.get("refunded") != listed.payment.refunded().amount().to_string() {
        // The same form again, or somebody else was quicker: the page shows what holds.
        return Ok(done(&here, Done::Refunded));
    }
    let currency = listed.payment.amount.currency();
    let part = match posted.values.filled("refund") {
        None => None,
        Some(typed) => {
            let money = Money::from_typed(typed, currency, desk.locale());
            Some(money.map_err(|flaw: Flaw| vec![FieldError::new("refund", flaw)])?)
        }
    };
    let reason = posted.reason()?;
    services.payments().refund(ctx, application, id, part, reason).await?;
    Ok(done(&here, Done::Refunded))
}
