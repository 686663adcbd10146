//! The button of an order's page, and on to the provider's page.

use axum::{extract::Path, response::Response};
use domain::{ErrorCode, route};
use service::billing::orders::{Placed, Pressed};

use super::{
    coupon::apply,
    stage::{Said, stage},
    wrong_link,
};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::asked::{Asked, Fields},
};

/// The button was pressed, or a coupon was typed.
pub async fn press(mut asked: Asked, Path(token): Path<String>, fields: Fields) -> Response {
    let Ok(placed) = asked.services().orders().find(&token).await else { return wrong_link(&asked) };
    asked.speak_for(placed.order.application_id);
    if placed.order.state.is_open() && fields.get("act") == "coupon" {
        apply(&asked, &token, placed, &fields).await
    } else {
        open(&asked, &token, placed).await
    }
}

/// On to the provider's page. Pressing twice opens one payment.
pub(in crate::pages) async fn open(asked: &Asked, token: &str, placed: Placed) -> Response {
    let orders = asked.services().orders();
    if !placed.order.state.is_open() {
        return stage(asked, token, placed, Said::Nothing).await;
    }
    let back = format!("{}{}?order={token}", asked.services().settings.issuer, route::CHECKOUT_RETURN);
    match orders.press(placed.clone(), back).await {
        Ok(Pressed::Go(url)) => see_other(&url),
        Ok(Pressed::Done(placed)) => stage(asked, token, *placed, Said::Nothing).await,
        Err(error) if error.code() == ErrorCode::ProviderUnavailable => {
            let mut page = stage(asked, token, placed, Said::Unanswered).await;
            *page.status_mut() = status_of(error.code());
            page
        }
        // Given up meanwhile, or being charged: the page says so.
        Err(error) if error.code() == ErrorCode::SubscriptionExpired => {
            see_other(&format!("{}/{token}", route::CHECKOUT))
        }
        Err(error) => asked.fail(error),
    }
}
