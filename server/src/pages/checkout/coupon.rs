//! A coupon on the page of an order: applied, taken away, or refused.

use app::form::{Complaint, FormState};
use axum::response::Response;
use domain::{Flaw, billing::coupon::CouponCode};
use service::billing::orders::{Placed, Started};

use super::{
    go_on::go_on,
    stage::{Said, stage},
};
use crate::{
    http::redirect::see_other,
    pages::{
        asked::{Asked, Fields},
        credentials::{self, Refused},
    },
};

/// A coupon was typed, or taken away again: the order is made anew.
pub(super) async fn apply(asked: &Asked, token: &str, placed: Placed, fields: &Fields) -> Response {
    let typed = fields.get("coupon").trim();
    let mut form = FormState::default().keep("coupon", credentials::typed(typed));
    let code = match typed {
        "" => None,
        typed => match CouponCode::parse(typed) {
            Ok(code) => Some(code),
            Err(_) => {
                form.complain("coupon", Complaint::Coupon(None));
                return shown_again(asked, token, placed, Refused::invalid(form)).await;
            }
        },
    };
    match asked.services().orders().with_coupon(&asked.ctx, placed.clone(), code).await {
        Ok(Started::Order(placed)) => match asked.services().orders().path(placed.order.id) {
            Ok(path) => see_other(&path),
            Err(error) => asked.fail(error),
        },
        Ok(Started::Granted(_)) => go_on(asked, &placed).await,
        Err(error) => match refused(error, form) {
            Ok(refused) => shown_again(asked, token, placed, refused).await,
            Err(error) => asked.fail(error),
        },
    }
}

/// What the field says of a coupon that was refused; gives every other error back.
fn refused(error: service::Error, mut form: FormState) -> Result<Refused, service::Error> {
    let problem = match error {
        service::Error::Problem(problem) => problem,
        error => return Err(error),
    };
    if let Some(seconds) = problem.retry_after() {
        form.complain("coupon", Complaint::Wait(seconds));
    } else if problem.fields.iter().any(|field| field.field == "coupon") {
        let refusal = problem.fields.iter().find_map(|field| match field.flaw {
            Flaw::Coupon(refusal) => Some(refusal),
            _ => None,
        });
        form.complain("coupon", Complaint::Coupon(refusal));
    }
    if form.is_fine() { Err(problem.into()) } else { Refused::by(problem.into(), form) }
}

async fn shown_again(asked: &Asked, token: &str, placed: Placed, refused: Refused) -> Response {
    let (status, wait) = (refused.status, refused.wait());
    let mut page = stage(asked, token, placed, Said::Refused(refused.form)).await;
    *page.status_mut() = status;
    Refused::delay(wait, page)
}
