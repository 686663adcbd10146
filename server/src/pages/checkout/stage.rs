//! The page of an order: to be paid, awaited, or gone.

use app::{
    checkout::{Coupon, Elsewhere, OrderPage, Pending, PendingPage, Setback},
    form::FormState,
    notice::Way,
};
use axum::{
    http::{StatusCode, header::REFRESH},
    response::Response,
};
use domain::{application::Provider, billing::order::State, route};
use leptos::prelude::*;
use service::billing::orders::Placed;

use super::{
    Bill, EVERY_FEW_SECONDS,
    go_on::{go_on, leave},
    notice, summary, wrong_link,
};
use crate::pages::{asked::Asked, error::product};

/// What the page of an order says beyond the order.
pub(super) enum Said {
    Nothing,
    /// The coupon that was typed is refused.
    Refused(FormState),
    /// The provider did not answer when the button was pressed.
    Unanswered,
}

pub(super) async fn stage(asked: &Asked, token: &str, placed: Placed, said: Said) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(placed.order.application_id) else { return wrong_link(asked) };
    let here = format!("{}/{token}", route::CHECKOUT);
    let text = asked.visit.text();
    match placed.order.state {
        State::Paid { .. } => go_on(asked, &placed).await,
        State::Pending { until } => {
            let now = asked.services().billing_now(placed.order.application_id);
            let (elsewhere, leave) = (elsewhere(&placed), leave(asked, &placed));
            let pending = Pending { due: placed.order.quote.due, until, now, here, elsewhere, leave };
            let (visit, product) = (asked.visit.clone(), product(entry));
            let mut page = asked.page(StatusCode::OK, || view! { <PendingPage visit product pending/> });
            page.headers_mut().insert(REFRESH, EVERY_FEW_SECONDS);
            page
        }
        State::Open | State::Failed { .. } => {
            match asked.services().orders().is_being_charged(&placed).await {
                Ok(true) => {
                    let (title, body) = (text.bill_charged_title(), text.bill_charged_body());
                    let ways = leave(asked, &placed).map(|href| Way::new(text.back_to_plan(), href));
                    return notice(asked, Some(entry), StatusCode::OK, title, body, ways.into_iter().collect());
                }
                Ok(false) => {}
                Err(error) => return asked.fail(error),
            }
            let code = match asked.services().orders().coupon_of(&placed).await {
                Ok(code) => code.map(|code| code.to_string()),
                Err(error) => return asked.fail(error),
            };
            let bill = Bill {
                quote: &placed.order.quote,
                mode: Some(placed.order.mode),
                coupon: code.as_deref(),
                invoice: None,
            };
            let Some(summary) = summary(asked, entry, bill) else { return wrong_link(asked) };
            let setback = match (&said, &placed.order.state) {
                (Said::Unanswered, _) => Some(Setback::Unanswered),
                (_, State::Failed { .. }) => Some(Setback::Failed),
                _ => None,
            };
            let coupon = match (said, code) {
                _ if placed.invoice.is_some() => Coupon::None,
                (Said::Refused(form), _) => Coupon::Field(form),
                (_, Some(code)) => Coupon::Applied { code },
                (_, None) => Coupon::Field(FormState::default()),
            };
            let (visit, product, leave) = (asked.visit.clone(), product(entry), leave(asked, &placed));
            asked.page(StatusCode::OK, || view! { <OrderPage visit product summary coupon action=here leave setback/> })
        }
        State::Expired { .. } | State::Canceled { .. } => {
            let ways = leave(asked, &placed).map(|href| Way::new(text.start_again(), href)).into_iter().collect();
            notice(asked, Some(entry), StatusCode::GONE, text.order_gone_title(), text.order_gone_body(), ways)
        }
    }
}

/// The page on which what is awaited was begun. Stripe's is done with by then.
fn elsewhere(placed: &Placed) -> Option<Elsewhere> {
    match placed.provider {
        Provider::Sandbox => Some(Elsewhere::TestBank(format!("{}/{}", route::SANDBOX_PAY, placed.order.id))),
        Provider::Midtrans => Some(Elsewhere::Provider),
        Provider::Stripe | Provider::None => None,
    }
}
