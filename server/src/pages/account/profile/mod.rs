//! `/account`: what somebody says about themselves.

mod form;

use app::{account::ProfilePage, form::FormState};
use axum::{http::StatusCode, response::Response};
use domain::route::AccountPage;
use leptos::prelude::*;

use super::{DONE, done, email, owner, session};
use crate::pages::{
    asked::{Asked, Fields},
    credentials::Refused,
};

const PAGE: AccountPage = AccountPage::Profile;

pub async fn show(asked: Asked) -> Response {
    match session(&asked, PAGE) {
        Ok(own) => page(&asked, StatusCode::OK, form::known(&own.user, FormState::default())).await,
        Err(response) => response,
    }
}

pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let (patch, form) = match session(&asked, PAGE) {
        Ok(own) => form::read(&own.user, &fields),
        Err(response) => return response,
    };
    if !form.is_fine() {
        return page(&asked, StatusCode::BAD_REQUEST, form).await;
    }
    match asked.services().account().patch(&asked.ctx, patch).await {
        Ok(_) => done(PAGE),
        Err(error) => match Refused::by(error, form) {
            Ok(refused) => {
                let wait = refused.wait();
                Refused::delay(wait, page(&asked, refused.status, refused.form).await)
            }
            Err(error) => asked.fail(error),
        },
    }
}

async fn page(asked: &Asked, status: StatusCode, form: FormState) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let text = asked.visit.text();
    let said = asked.parameter(DONE).map(|done| match done.as_str() {
        email::CHANGED => text.address_changed(&own.user.email),
        _ => text.account_saved(),
    });
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, said).await);
    asked.page(status, || view! { <ProfilePage visit owner form/> })
}
