//! `/sign-out`: asks, ends the session, says so.

use app::{
    auth::SignOutPage,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    Locale,
    identity::user::GlobalRole,
    oauth::authorize::with_query,
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::asked::Asked;
use crate::http::{cookie, redirect::see_other};

pub async fn show(mut asked: Asked) -> Response {
    let locale = locale(&asked);
    asked.prefer(locale);
    let visit = asked.visit.clone();
    if let Some(session) = asked.session() {
        let (who, stay) = (session.user.email.to_string(), ReturnTo::home(session.user.role));
        let (product, action) = (Product::default(), route::sign_out(locale));
        return asked.page(StatusCode::OK, || view! { <SignOutPage visit product who stay action/> });
    }
    let text = visit.text();
    // Whoever was there by an application has an account, and no dashboard.
    let again = match asked.parameter(route::TO).as_deref() {
        Some(route::TO_DASHBOARD) => ReturnTo::Dashboard,
        _ => ReturnTo::Account(AccountPage::Profile),
    };
    let notice = Notice {
        title: text.signed_out(),
        body: text.signed_out_body(),
        ways: vec![Way::new(text.sign_in_again(), again.sign_in())],
        ..Notice::default()
    };
    asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> })
}

/// Ends the session. Without one there is nothing to end. Whoever wants to join an organization as somebody else goes
/// on to do so.
pub async fn submit(asked: Asked) -> Response {
    let back = Some(asked.to()).filter(|to| matches!(to, ReturnTo::Invitation { .. }));
    let mut to = route::sign_out(locale(&asked));
    if let Some(session) = asked.session() {
        if let Err(error) = asked.services().sessions().end(&asked.ctx, session.id).await {
            return asked.fail(error);
        }
        if session.user.role != GlobalRole::User {
            to = with_query(&to, &[(route::TO, route::TO_DASHBOARD.into())]);
        }
    }
    let mut response = see_other(&back.map_or(to, |back| back.path()));
    match cookie::leave(&asked.state, &asked.headers, response.headers_mut()).await {
        Ok(()) => response,
        Err(error) => asked.fail(error),
    }
}

/// The language that the client asked for whose user signs out.
fn locale(asked: &Asked) -> Option<Locale> {
    Locale::of_client(&asked.parameter(route::UI_LOCALES)?)
}
