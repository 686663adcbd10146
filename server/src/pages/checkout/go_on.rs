//! Where somebody goes who has paid, and who does not pay.

use app::notice::Way;
use axum::{
    http::{StatusCode, header::SET_COOKIE},
    response::Response,
};
use chrono::TimeDelta;
use domain::{
    Timestamp,
    id::{ApplicationId, PlanId},
    route::{self, ReturnTo},
};
use service::{
    billing::orders::{Destination, Placed},
    directory::ApplicationEntry,
};

use super::{notice, wrong_link};
use crate::{
    http::{cookie, redirect::see_other},
    pages::{asked::Asked, portal},
};

/// The cookie that remembers from which paid order a browser was sent on to its application, and when.
const SENT_ON: &str = "sent_on";

/// Whoever comes again this soon has not been at the application yet: a second click, or another tab that waited.
const AT_ONCE: TimeDelta = TimeDelta::seconds(10);

/// On to what waits behind the payment. Whose money bought nothing is told so first, wherever they came from.
pub(super) async fn go_on(asked: &Asked, placed: &Placed) -> Response {
    match asked.services().orders().is_unused(placed).await {
        Ok(true) => return came_late(asked, placed),
        Ok(false) => {}
        Err(error) => return asked.fail(error),
    }
    match &placed.destination {
        Destination::Flow(flow) => match (come_again(asked, placed), flow.resume(asked.services())) {
            (Some(page), _) => page,
            (None, Ok(flow)) => {
                let sent_on = format!("{}.{}", placed.order.id, asked.services().now().timestamp_millis());
                let mut response = see_other(&ReturnTo::Flow(flow).path());
                response.headers_mut().append(SET_COOKIE, cookie::set(&asked.state, SENT_ON, &sent_on, None));
                response
            }
            (None, Err(error)) => asked.fail(error),
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

/// The page for a browser that was sent on already and has come back, by its button or its history: the application
/// would refuse a second answer to what it asked once. None where nothing leads to the application but that answer.
fn come_again(asked: &Asked, placed: &Placed) -> Option<Response> {
    let sent_on = cookie::read(&asked.state, &asked.headers, SENT_ON)?;
    let (order, at) = sent_on.split_once('.')?;
    let at = Timestamp::from_timestamp_millis(at.parse().ok()?)?;
    let again = order == placed.order.id.to_string() && asked.services().now() - at > AT_ONCE;
    let directory = asked.services().directory();
    let entry = directory.application(placed.order.application_id).filter(|_| again)?;
    back(asked, entry)?;
    Some(received(asked, placed.order.application_id, placed.order.quote.plan_id))
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
