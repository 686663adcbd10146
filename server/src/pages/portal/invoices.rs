//! `/portal/invoices/{number}`: one invoice, to print and to pay.

use app::{
    form::Fault,
    portal::{InvoicePage, InvoiceView},
    ui::SumLine,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::billing::{
    invoice::Invoice,
    quote::{Line, LineKind},
};
use leptos::prelude::*;
use service::billing::orders::Destination;

use super::{
    desk::{Desk, fault},
    overview::{self, Books},
};
use crate::{
    http::redirect::see_other,
    pages::{Mishap, asked::Fields},
};

pub async fn show(desk: Desk, Path(number): Path<String>) -> Response {
    page(&desk, &number, StatusCode::OK, None).await
}

/// On to the checkout of an open invoice, or to the page of the provider that bills it. Pressing twice is one order.
pub async fn pay(desk: Desk, Path(number): Path<String>, fields: Fields) -> Response {
    let books = match overview::books(&desk).await {
        Ok(books) => books,
        Err(error) => return desk.asked.fail(error),
    };
    let Some(invoice) = find(&books, &number).filter(|_| desk.is_for(&fields)) else {
        return desk.asked.mishap(Mishap::NotFound);
    };
    let (services, application, user) = (desk.services(), desk.application(), desk.visitor.holder.user.id);
    let paid = async {
        if let Some(page) = services.invoices().page_elsewhere(&desk.ctx, application, user, invoice.id).await? {
            return Ok(page);
        }
        let placed = services.invoices().pay(&desk.ctx, application, user, invoice.id, Destination::Portal).await?;
        services.orders().path(placed.order.id)
    };
    match paid.await {
        Ok(path) => see_other(&path),
        Err(error) => match fault(error) {
            Ok((fault, status)) => page(&desk, &number, status, Some(fault)).await,
            Err(error) => desk.asked.fail(error),
        },
    }
}

fn find<'a>(books: &'a Books, number: &str) -> Option<&'a Invoice> {
    books.invoices.iter().find(|invoice| invoice.number.as_str() == number)
}

async fn page(desk: &Desk, number: &str, status: StatusCode, fault: Option<Fault>) -> Response {
    let books = match overview::books(desk).await {
        Ok(books) => books,
        Err(error) => return desk.asked.fail(error),
    };
    let Some(invoice) = find(&books, number) else { return desk.asked.mishap(Mishap::NotFound) };
    let user = &desk.visitor.holder.user;
    let quote = &invoice.quote;
    let view = InvoiceView {
        of: desk.application().to_string(),
        number: invoice.number.to_string(),
        issued_at: invoice.created_at,
        name: user.name.as_ref().map(ToString::to_string),
        email: user.email.to_string(),
        period: quote.period.is_some().then_some(invoice.period),
        lines: quote.lines.iter().map(|line| sum_line(desk, line)).collect(),
        due: quote.due,
        mark: books.mark(invoice),
        paid_with: books.paid_with(invoice),
        dues: overview::dues(invoice),
    };
    let (visit, product) = (desk.asked.visit.clone(), desk.product());
    desk.asked.page(status, || view! { <InvoicePage visit product invoice=view fault/> })
}

fn sum_line(desk: &Desk, line: &Line) -> SumLine {
    let text = desk.asked.visit.text();
    let name = desk.visitor.application.plan_name(line.plan_id);
    let label = match line.kind {
        LineKind::Plan | LineKind::RemainingTime => text.line_plan(name),
        LineKind::UnusedTime => text.line_unused(name),
        LineKind::Discount => text.line_discount("").trim().to_owned(),
        LineKind::Credit => text.line_credit(),
    };
    SumLine { label, amount: line.amount.format(text.locale()) }
}
