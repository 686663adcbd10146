//! `/sign-in`.

use app::{
    auth::SignInPage,
    form::{Complaint, FormState},
    look::Product,
};
use axum::{http::StatusCode, response::Response};
use domain::{identity::email::Email, route};
use leptos::prelude::*;

use super::{
    account::{Refused, typed},
    asked::{Asked, Fields, return_to, see_other},
    error::product,
    flow::{self, Waiting},
};

/// The form; the address is filled in when the application knows it.
pub async fn show(mut asked: Asked) -> Response {
    match flow::of(&mut asked) {
        Err(error) => asked.fail(error),
        Ok(None) if asked.session().is_some() => see_other(route::DASHBOARD),
        Ok(waiting) => {
            let hint = waiting.as_ref().and_then(|waiting| waiting.view.login_hint.as_deref()).unwrap_or_default();
            let form = FormState::default().keep("email", typed(hint));
            page(&asked, waiting.as_ref(), StatusCode::OK, form)
        }
    }
}

/// Checks address and password and sends the person on. Unknown addresses are told nothing else than wrong passwords.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let waiting = match flow::of(&mut asked) {
        Ok(waiting) => waiting,
        Err(error) => return asked.fail(error),
    };
    match sign_in(&asked, waiting.as_ref(), &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, waiting.as_ref(), refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

async fn sign_in(
    asked: &Asked,
    waiting: Option<&Waiting>,
    fields: &Fields,
) -> service::Result<Result<Response, Refused>> {
    let mut form = FormState::default().keep("email", typed(fields.get("email")));
    let (email, password) = (fields.get("email").trim(), fields.get("password"));
    if email.is_empty() {
        form.complain("email", Complaint::Required);
    } else if Email::parse(email).is_err() {
        form.complain("email", Complaint::Email);
    }
    if password.is_empty() {
        form.complain("password", Complaint::Required);
    }
    if !form.is_fine() {
        return Ok(Err(Refused::invalid(form)));
    }
    match asked.services().users().authenticate(&asked.ctx, email, password).await {
        Ok(user) => {
            let to = return_to(waiting.map(|waiting| waiting.flow.clone()));
            asked.welcome(&user, &to).await.map(Ok)
        }
        Err(error) => Refused::by(error, form).map(Err),
    }
}

fn page(asked: &Asked, waiting: Option<&Waiting>, status: StatusCode, form: FormState) -> Response {
    let application = waiting.map(|waiting| &waiting.view.application);
    let can_register = application.is_some_and(|entry| entry.application.settings.allow_register);
    let product = application.map_or_else(Product::default, |entry| product(entry));
    let flow = waiting.map(|waiting| waiting.flow.clone());
    let visit = asked.visit.clone();
    asked.page(status, || view! { <SignInPage visit product flow can_register form/> })
}
