//! The portal to somebody without a visit. A transfer may take longer than one lasts: whoever comes from an order is
//! told that they have paid, and finds back to the application. The token of the order opens nothing.

use app::portal::Done;
use axum::{http::StatusCode, response::Response};
use domain::{billing::order::State, id::ApplicationId, route};
use service::billing::orders::Placed;

use super::done;
use crate::pages::{
    asked::Asked,
    checkout::{back, notice, received},
};

/// The token of the order that somebody comes from.
const ORDER: &str = "order";

/// The portal, which says that an order is paid.
pub fn paid(order: &str) -> String {
    format!("{}&{ORDER}={order}", done(Done::Paid))
}

/// The portal, for whoever leaves an order.
pub fn left(order: &str) -> String {
    format!("{}?{ORDER}={order}", route::PORTAL)
}

pub async fn show(mut asked: Asked) -> Response {
    let Some(placed) = order(&asked).await else { return page(&asked, None) };
    let application = placed.order.application_id;
    asked.speak_for(application);
    match has_bought(&asked, &placed).await {
        Ok(true) => received(&asked, application, placed.order.quote.plan_id),
        Ok(false) => page(&asked, Some(application)),
        Err(error) => asked.fail(error),
    }
}

/// The visit is over, or never began.
pub fn page(asked: &Asked, application: Option<ApplicationId>) -> Response {
    let (directory, text) = (asked.services().directory(), asked.visit.text());
    let entry = application.and_then(|id| directory.application(id)).map(|entry| &**entry);
    let ways = entry.and_then(|entry| back(asked, entry)).into_iter().collect();
    notice(asked, entry, StatusCode::UNAUTHORIZED, text.portal_closed_title(), text.portal_closed_body(), ways)
}

async fn order(asked: &Asked) -> Option<Placed> {
    asked.services().orders().find(&asked.parameter(ORDER)?).await.ok()
}

/// Whether they come from having paid, and the money has bought something.
async fn has_bought(asked: &Asked, placed: &Placed) -> service::Result<bool> {
    let has_paid = asked.parameter("done").as_deref() == Some(Done::Paid.as_str());
    let is_paid = matches!(placed.order.state, State::Paid { .. });
    Ok(has_paid && is_paid && !asked.services().orders().is_unused(placed).await?)
}
