//! The way back from the provider's page.

use app::notice::Way;
use axum::{http::header::REFRESH, response::Response};
use domain::{ErrorCode, billing::order::State, id::ApplicationId, route};

use super::{EVERY_FEW_SECONDS, go_on::go_on, notice, wrong_link};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::asked::Asked,
};

/// Back from the provider: asks it what became of the payment, so that the plan is there before any notification.
pub async fn come_back(mut asked: Asked) -> Response {
    let Some(token) = asked.parameter("order") else { return wrong_link(&asked) };
    let Ok(placed) = asked.services().orders().find(&token).await else { return wrong_link(&asked) };
    let application = placed.order.application_id;
    asked.speak_for(application);
    match asked.services().orders().look(placed).await {
        Ok(placed) if matches!(placed.order.state, State::Paid { .. }) => go_on(&asked, &placed).await,
        Ok(_) => see_other(&format!("{}/{token}", route::CHECKOUT)),
        Err(error) if error.code() == ErrorCode::ProviderUnavailable => unasked(&asked, application),
        Err(error) => asked.fail(error),
    }
}

/// Nobody knows yet what became of the payment of somebody who has come back: the page asks again by itself, and offers
/// no second payment.
fn unasked(asked: &Asked, application: ApplicationId) -> Response {
    let (directory, text) = (asked.services().directory(), asked.visit.text());
    let ways = vec![Way::new(text.check_now(), asked.uri.to_string())];
    let (title, body) = (text.unasked_title(), text.unasked_body());
    let status = status_of(ErrorCode::ProviderUnavailable);
    let mut page = notice(asked, directory.application(application).map(|entry| &**entry), status, title, body, ways);
    page.headers_mut().insert(REFRESH, EVERY_FEW_SECONDS);
    page
}
