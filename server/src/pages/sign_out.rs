//! `/sign-out`: asks, ends the session, says so.

use app::{
    auth::SignOutPage,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{
    http::{StatusCode, header::SET_COOKIE},
    response::Response,
};
use domain::route;
use leptos::prelude::*;

use super::asked::{Asked, see_other};
use crate::http::cookie;

pub async fn show(asked: Asked) -> Response {
    let visit = asked.visit.clone();
    if let Some(session) = asked.session() {
        let who = session.user.email.to_string();
        return asked.page(StatusCode::OK, || view! { <SignOutPage visit product=Product::default() who/> });
    }
    let text = visit.text();
    let notice = Notice {
        title: text.signed_out(),
        body: text.signed_out_body(),
        ways: vec![Way::new(text.sign_in_again(), route::SIGN_IN)],
        ..Notice::default()
    };
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}

/// Ends the session. Without one there is nothing to end.
pub async fn submit(asked: Asked) -> Response {
    if let Some(session) = asked.session()
        && let Err(error) = asked.services().sessions().end(session.id).await
    {
        return asked.fail(error);
    }
    let mut response = see_other(route::SIGN_OUT);
    response.headers_mut().append(SET_COOKIE, cookie::clear_session(&asked.state));
    response
}
