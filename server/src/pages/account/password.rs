//! `/account/password`.

use app::{
    account::PasswordPage,
    form::{Complaint, FormState},
};
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, route::AccountPage, route::ReturnTo};
use leptos::prelude::*;

use super::{DONE, owner, said};
use crate::pages::{
    asked::{Asked, Fields},
    credentials::{Refused, chosen, given},
};

const PAGE: AccountPage = AccountPage::Password;

pub async fn show(asked: Asked) -> Response {
    page(&asked, StatusCode::OK, FormState::default()).await
}

/// Changes the password; the browser goes on with a session of its own.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    if let Err(response) = asked.with_factor(&ReturnTo::Account(PAGE)).await {
        return response;
    }
    match change(&mut asked, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, refused.status, refused.form).await)
        }
        Err(error) => asked.fail(error),
    }
}

async fn change(asked: &mut Asked, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    let mut form = FormState::default();
    let old = form.read("password", given(fields, "password"));
    let new = form.read("new_password", chosen(fields, "new_password"));
    let (Some(old), Some(new)) = (old, new) else { return Ok(Err(Refused::invalid(form))) };
    let known = match asked.session() {
        Some(own) => asked.services().devices().knows(&asked.ctx, own.user.id).await?,
        None => false,
    };
    let changed = asked.services().account().change_password(&asked.ctx, old, new).await;
    match changed {
        Ok(own) => {
            let to = ReturnTo::Account(PAGE);
            let response = match known {
                true => asked.welcome_back(&own, &to).await?,
                false => asked.welcome_by_password(&own, &to).await?,
            };
            Ok(Ok(said(PAGE, response)))
        }
        Err(error) if error.code() == ErrorCode::BadCredentials => {
            form.complain("password", Complaint::PasswordWrong);
            Ok(Err(Refused::invalid(form)))
        }
        Err(error) if error.code() == ErrorCode::InvalidInput => {
            form.complain("new_password", Complaint::PasswordWeak);
            Ok(Err(Refused::invalid(form)))
        }
        Err(error) => Refused::by(error, form).map(Err),
    }
}

async fn page(asked: &Asked, status: StatusCode, form: FormState) -> Response {
    let own = match asked.with_factor(&ReturnTo::Account(PAGE)).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let has_password = match asked.services().account().has_password(&asked.ctx).await {
        Ok(has) => has,
        Err(error) => return asked.fail(error),
    };
    let name = own.user.name.as_ref().map(ToString::to_string);
    let changed = asked.parameter(DONE).map(|_| asked.visit.text().password_changed());
    let (visit, owner) = (asked.visit.clone(), owner(asked, &own, changed).await);
    asked.page(status, || view! { <PasswordPage visit owner name has_password form/> })
}
