//! `/register`.

use app::{
    auth::RegisterPage,
    form::FormState,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{http::StatusCode, response::Response};
use domain::{route, route::ReturnTo};
use leptos::prelude::*;
use service::identity::mail_links::{Newcomer, Origin};

use super::{
    ask_mail,
    asked::{Asked, Fields},
    behind,
    credentials::{self, Refused},
    error::product,
    flow::{self, Waiting},
};

pub async fn show(mut asked: Asked) -> Response {
    match open(&mut asked) {
        Ok(waiting) => page(&asked, &waiting, StatusCode::OK, FormState::default()),
        Err(response) => response,
    }
}

/// Sends the mail that makes the account. An address that has one gets the same answer and another mail.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let waiting = match open(&mut asked) {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    match register(&asked, &waiting, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &waiting, refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

async fn register(asked: &Asked, waiting: &Waiting, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    let mut form = credentials::kept(fields);
    let (name, email) = (form.read("name", credentials::name(fields)), form.read("email", credentials::email(fields)));
    let (Some(name), Some(email)) = (name, email) else { return Ok(Err(Refused::invalid(form))) };
    let new = Newcomer { email: email.clone(), name, locale: Some(asked.visit.locale) };
    let to = ReturnTo::Flow(waiting.flow.clone());
    let application = &waiting.view.application;
    let origin = Origin { to: to.clone(), application: Some(application.application.id) };
    match asked.services().mail_links().register(&asked.ctx, new, origin).await {
        Ok(()) => Ok(Ok(ask_mail::sent(asked, product(application), &email, &to))),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

/// The flow, where its application lets people register.
fn open(asked: &mut Asked) -> Result<Waiting, Response> {
    let waiting = flow::of(asked).map_err(|error| asked.fail(error))?;
    let open = |waiting: &Waiting| waiting.view.application.application.settings.allow_register;
    match waiting {
        Some(waiting) if open(&waiting) => Ok(waiting),
        waiting => Err(closed(asked, waiting)),
    }
}

fn closed(asked: &Asked, waiting: Option<Waiting>) -> Response {
    let text = asked.visit.text();
    let product = waiting.as_ref().map_or_else(Product::default, |waiting| product(&waiting.view.application));
    let sign_in =
        waiting.map_or_else(|| route::SIGN_IN.to_owned(), |waiting| route::with_flow(route::SIGN_IN, &waiting.flow));
    let notice = Notice {
        title: text.registration_closed(),
        body: text.registration_closed_body(&product.name),
        ways: vec![Way::new(text.sign_in(), sign_in)],
        product,
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}

fn page(asked: &Asked, waiting: &Waiting, status: StatusCode, form: FormState) -> Response {
    let product = product(&waiting.view.application);
    let (visit, flow) = (asked.visit.clone(), waiting.flow.clone());
    let offers = behind::offers(&waiting.view.application);
    asked.page(status, || view! { <RegisterPage visit product flow offers form/> })
}
