//! A coupon on the page of an order: applied, taken away, or refused.

use app::form::{Complaint, FormState};
use axum::{http::StatusCode, response::Response};
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
        credentials,
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
                return refused(asked, token, placed, form).await;
            }
        },
    };
    match asked.services().orders().with_coupon(placed.clone(), code).await {
        Ok(Started::Order(placed)) => match asked.services().orders().path(placed.order.id) {
            Ok(path) => see_other(&path),
            Err(error) => asked.fail(error),
        },
        Ok(Started::Granted(_)) => go_on(asked, &placed).await,
        Err(service::Error::Problem(problem)) if problem.fields.iter().any(|field| field.field == "coupon") => {
            let refusal = problem.fields.iter().find_map(|field| match field.flaw {
                Flaw::Coupon(refusal) => Some(refusal),
                _ => None,
            });
            form.complain("coupon", Complaint::Coupon(refusal));
            refused(asked, token, placed, form).await
        }
        Err(error) => asked.fail(error),
    }
}

async fn refused(asked: &Asked, token: &str, placed: Placed, form: FormState) -> Response {
    let mut page = stage(asked, token, placed, Said::Refused(form)).await;
    *page.status_mut() = StatusCode::BAD_REQUEST;
    page
}
