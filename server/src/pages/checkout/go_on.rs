//! Where somebody goes who has paid, and who does not pay.

use app::notice::Way;
use axum::{http::StatusCode, response::Response};
use domain::{
    id::{ApplicationId, PlanId},
    route::{self, ReturnTo},
};
use service::{
    billing::orders::{Destination, Placed},
    directory::ApplicationEntry,
};

use super::{notice, wrong_link};
use crate::{
    http::redirect::see_other,
    pages::{asked::Asked, portal},
};

/// On to what waits behind the payment. Whose money bought nothing is told so first, wherever they came from.
pub(super) async fn go_on(asked: &Asked, placed: &Placed) -> Response {
    match asked.services().orders().is_unused(placed).await {
        Ok(true) => return came_late(asked, placed),
        Ok(false) => {}
        Err(error) => return asked.fail(error),
    }
    match &placed.destination {
        Destination::Flow(flow) => match flow.resume(asked.services()) {
            Ok(flow) => see_other(&ReturnTo::Flow(flow).path()),
            Err(error) => asked.fail(error),
        },
        Destination::Device { sealed } => match asked.services().device_codes().open(sealed) {
            Ok(code) => see_other(&ReturnTo::Device { code: Some(code) }.path()),
            Err(error) => asked.fail(error),
        },
        Destination::Application { success_url, .. } => see_other(success_url),
        Destination::Portal => match asked.services().orders().token(placed.order.id) {
            Ok(order) => see_other(&portal::paid(&order)),
            Err(error) => asked.fail(error),
        },
        Destination::Here => received(asked, placed.order.application_id, placed.order.quote.plan_id),
    }
}

/// The end of what was paid by whoever had the address of the bill, or outlasted the visit that it was begun in.
pub(in crate::pages) fn received(asked: &Asked, application: ApplicationId, plan: PlanId) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(application) else { return wrong_link(asked) };
    let body = asked.visit.text().received_body(entry.plan_name(plan), &entry.application.settings.name);
    came(asked, entry, body, None)
}

/// Money came for nothing that could still be had.
fn came_late(asked: &Asked, placed: &Placed) -> Response {
    let directory = asked.services().directory();
    let Some(entry) = directory.application(placed.order.application_id) else { return wrong_link(asked) };
    let (text, name) = (asked.visit.text(), &entry.application.settings.name);
    let label = match placed.destination {
        Destination::Flow(_) | Destination::Device { .. } => text.start_again(),
        Destination::Portal => text.back_to_plan(),
        Destination::Application { .. } | Destination::Here => text.back_to(name),
    };
    let way = leave(asked, placed).map(|href| Way::new(label, href));
    came(asked, entry, text.received_late_body(name), way)
}

/// Money came. Without a way on it goes back to the application.
fn came(asked: &Asked, entry: &ApplicationEntry, body: String, way: Option<Way>) -> Response {
    let ways = way.or_else(|| back(asked, entry)).into_iter().collect();
    notice(asked, Some(entry), StatusCode::OK, asked.visit.text().received_title(), body, ways)
}

/// The way back to the application: to its first return URL, or to its own address.
pub(in crate::pages) fn back(asked: &Asked, entry: &ApplicationEntry) -> Option<Way> {
    let settings = &entry.application.settings;
    let first = settings.return_urls.first().map(|url| url.as_str().to_owned());
    let url = first.or_else(|| settings.url.as_ref().map(|url| url.as_str().to_owned()))?;
    Some(Way::new(asked.visit.text().back_to(&settings.name), url))
}

/// Where somebody goes who does not pay.
pub(super) fn leave(asked: &Asked, placed: &Placed) -> Option<String> {
    match &placed.destination {
        Destination::Flow(flow) => Some(route::with_flow(route::PLANS, &flow.resume(asked.services()).ok()?)),
        Destination::Device { sealed } => {
            let code = asked.services().device_codes().open(sealed).ok()?;
            Some(ReturnTo::Device { code: Some(code) }.by(route::PLANS))
        }
        Destination::Application { cancel_url, .. } => Some(cancel_url.clone()),
        Destination::Portal => Some(portal::left(&asked.services().orders().token(placed.order.id).ok()?)),
        Destination::Here => None,
    }
}
