//! `/pay/{token}`: an invoice, for whoever has its link. Looking changes nothing, so that what reads mails before their
//! reader does cannot begin a payment.

use app::{
    checkout::{Coupon, OrderPage},
    notice::Way,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{ErrorCode, billing::invoice::State, route};
use leptos::prelude::*;
use service::billing::invoices::Bill;

use super::{asked::Asked, checkout, error::product};
use crate::http::redirect::see_other;

pub async fn show(mut asked: Asked, Path(token): Path<String>) -> Response {
    let found = asked.services().invoices().by_link(&token).await;
    match found {
        Ok(bill) => {
            asked.speak_for(bill.application);
            stage(&asked, &token, bill)
        }
        Err(error) if error.code() == ErrorCode::PlanNotFound => wrong_link(&asked),
        Err(error) => asked.fail(error),
    }
}

/// The button was pressed: on to the provider's page.
pub async fn submit(mut asked: Asked, Path(token): Path<String>) -> Response {
    match asked.services().invoices().page_elsewhere_by_link(&token).await {
        Ok(Some(page)) => return see_other(&page),
        Ok(None) => {}
        Err(error) if error.code() == ErrorCode::PlanNotFound => return wrong_link(&asked),
        Err(error) => return asked.fail(error),
    }
    let placed = match asked.services().invoices().pay_by_link(&asked.ctx, &token).await {
        Ok(placed) => placed,
        Err(error) if error.code() == ErrorCode::PlanNotFound => return wrong_link(&asked),
        // Paid or taken back meanwhile, or being charged: the page says so.
        Err(error) if error.code() == ErrorCode::SubscriptionExpired => {
            return see_other(&format!("{}/{token}", route::PAY));
        }
        Err(error) => return asked.fail(error),
    };
    asked.speak_for(placed.order.application_id);
    match asked.services().orders().token(placed.order.id) {
        Ok(order) => checkout::open(&asked, &order, placed).await,
        Err(error) => asked.fail(error),
    }
}

fn stage(asked: &Asked, token: &str, bill: Bill) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(bill.application) else { return wrong_link(asked) };
    let (text, quote) = (asked.visit.text(), &bill.invoice.quote);
    let notice = |status, title, body| {
        let url = entry.application.settings.url.as_ref();
        let ways = url.map(|url| Way::new(text.back_to(&entry.application.settings.name), url.as_str()));
        checkout::notice(asked, Some(entry), status, title, body, ways.into_iter().collect())
    };
    match bill.invoice.state {
        State::Open { .. } if bill.invoice.attempts.in_flight() => {
            notice(StatusCode::OK, text.bill_charged_title(), text.bill_charged_body())
        }
        State::Open { .. } => {
            let number = Some(bill.invoice.number.to_string());
            let asks = checkout::Bill { quote, mode: bill.mode, coupon: None, invoice: number };
            let Some(summary) = checkout::summary(asked, entry, asks) else { return wrong_link(asked) };
            let coupon = Coupon::None;
            let (visit, product, action) = (asked.visit.clone(), product(entry), format!("{}/{token}", route::PAY));
            asked.page(StatusCode::OK, || {
                view! { <OrderPage visit product summary coupon action leave=None setback=None/> }
            })
        }
        State::Paid { .. } => checkout::received(asked, bill.application, quote.plan_id),
        State::Void { .. } | State::Uncollectible { .. } => {
            notice(StatusCode::GONE, text.bill_gone_title(), text.bill_gone_body())
        }
    }
}

fn wrong_link(asked: &Asked) -> Response {
    let text = asked.visit.text();
    checkout::notice(asked, None, StatusCode::BAD_REQUEST, text.bad_link_title(), text.bad_link_body(), vec![])
}
