//! `/checkout/…`: what somebody is about to pay, the way to the provider's page and back, and on to where they came
//! from.

mod come_back;
mod coupon;
mod go_on;
mod press;
mod stage;
mod summary;

use app::notice::{Notice, NoticePage, Way};
use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode},
    response::Response,
};
use domain::{ErrorCode, billing::order::State};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

pub use come_back::come_back;
pub(super) use go_on::{back, received};
pub(super) use press::open;
pub use press::press;
pub(super) use summary::{Bill, summary};

use self::stage::{Said, stage};
use super::{asked::Asked, error::product};

/// How often the page of an awaited payment looks again.
const EVERY_FEW_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The address names nothing that could be paid.
pub(super) fn wrong_link(asked: &Asked) -> Response {
    let text = asked.visit.text();
    notice(asked, None, StatusCode::BAD_REQUEST, text.bad_checkout_title(), text.bad_checkout_body(), vec![])
}

/// The order as it stands: to be paid, awaited, or done.
pub async fn show(mut asked: Asked, Path(token): Path<String>) -> Response {
    let placed = match asked.services().orders().find(&token).await {
        Ok(placed) => placed,
        Err(_) => return wrong_link(&asked),
    };
    asked.speak_for(placed.order.application_id);
    // A transfer arrives without anybody coming back from the provider's page.
    let placed = match placed.order.state {
        State::Pending { .. } => match asked.services().orders().look(placed.clone()).await {
            // It still waits, and the page looks again by itself.
            Err(error) if error.code() == ErrorCode::ProviderUnavailable => Ok(placed),
            looked => looked,
        },
        _ => Ok(placed),
    };
    match placed {
        Ok(placed) => stage(&asked, &token, placed, Said::Nothing).await,
        Err(error) => asked.fail(error),
    }
}

pub(super) fn notice(
    asked: &Asked,
    entry: Option<&ApplicationEntry>,
    status: StatusCode,
    title: String,
    body: String,
    ways: Vec<Way>,
) -> Response {
    let notice = Notice { product: entry.map(product).unwrap_or_default(), title, body, ways, ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(status, || view! { <NoticePage visit notice/> })
}
