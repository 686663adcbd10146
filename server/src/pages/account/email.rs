//! `/account/email`: asking for another address. It is the account's once the link that is mailed there was followed.

use app::{
    account::EmailPage,
    form::{Complaint, FormState},
    notice::Way,
};
use axum::{http::StatusCode, response::Response};
use domain::{
    identity::{email::Email, session::Session},
    route::{AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::{DONE, owner, product};
use crate::{
    http::redirect::see_other,
    pages::{
        ask_mail,
        asked::{Asked, Fields},
        credentials::{self, Refused, typed},
    },
};

const PAGE: AccountPage = AccountPage::Email;
/// What [`DONE`] says on the profile's page after the change.
pub const CHANGED: &str = "email";

pub async fn show(asked: Asked) -> Response {
    match asked.recent(&ReturnTo::Account(PAGE)).await {
        Ok(own) => page(&asked, &own, StatusCode::OK, FormState::default()).await,
        Err(response) => response,
    }
}

/// Mails the link. Every other address gets the same answer, whoever has it.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let own = match asked.recent(&ReturnTo::Account(PAGE)).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    match send(&asked, &own, &fields).await {
        Ok(Ok(email)) => {
            let back = Way::new(asked.visit.text().account_profile(), AccountPage::Profile.path());
            ask_mail::sent_from(&asked, product(&asked).await, &email, back)
        }
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &own, refused.status, refused.form).await)
        }
        Err(error) => asked.fail(error),
    }
}

async fn send(asked: &Asked, own: &Session, fields: &Fields) -> service::Result<Result<Email, Refused>> {
    let mut form = FormState::default().keep("email", typed(fields.get("email")));
    let another = credentials::email(fields).and_then(|email| match email == own.user.email {
        true => Err(Complaint::SameEmail),
        false => Ok(email),
    });
    let Some(email) = form.read("email", another) else { return Ok(Err(Refused::invalid(form))) };
    match asked.services().mail_links().change_address(&asked.ctx, email.clone()).await {
        Ok(()) => Ok(Ok(email)),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

/// To the profile, which says that the address is another one.
pub fn changed() -> Response {
    see_other(&format!("{}?{DONE}={CHANGED}", AccountPage::Profile.path()))
}

async fn page(asked: &Asked, own: &Session, status: StatusCode, form: FormState) -> Response {
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, None).await);
    asked.page(status, || view! { <EmailPage visit owner form/> })
}
