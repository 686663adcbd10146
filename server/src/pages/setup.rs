//! `/setup`: the first superadmin, by the one-time link.

use app::{
    auth::SetupPage,
    form::FormState,
    notice::{Notice, NoticePage, Way},
};
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, identity::proof::Proof, route, route::ReturnTo};
use leptos::prelude::*;
use service::identity::users::NewUser;

use super::{
    asked::{Asked, Fields},
    credentials::{self, Refused},
};

pub async fn show(asked: Asked) -> Response {
    let token = asked.parameter("token").unwrap_or_default();
    match asked.services().setup().accepts(&token).await {
        Ok(true) => page(&asked, token, StatusCode::OK, FormState::default()),
        Ok(false) => used(&asked),
        Err(error) => asked.fail(error),
    }
}

/// Makes the superadmin and opens the dashboard.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let token = credentials::typed(fields.get("token"));
    match complete(&asked, &token, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) if refused.status == StatusCode::UNAUTHORIZED => used(&asked),
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, token, refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

async fn complete(asked: &Asked, token: &str, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    if !asked.services().setup().accepts(token).await? {
        return Refused::by(ErrorCode::BadCredentials.into(), FormState::default()).map(Err);
    }
    let mut form = credentials::kept(fields);
    let (name, email) = (form.read("name", credentials::name(fields)), form.read("email", credentials::email(fields)));
    let password = form.read("password", credentials::chosen(fields, "password"));
    let (Some(name), Some(email), Some(password)) = (name, email, password) else {
        return Ok(Err(Refused::invalid(form)));
    };
    let new = NewUser { email, password, name, locale: Some(asked.visit.locale) };
    match asked.services().setup().complete(&asked.ctx, token, new).await {
        Ok(user) => asked.welcome(&user, Proof::Password, &ReturnTo::Dashboard).await.map(Ok),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

fn used(asked: &Asked) -> Response {
    let text = asked.visit.text();
    let notice = Notice {
        title: text.setup_used(),
        body: text.setup_used_body(),
        ways: vec![Way::new(text.sign_in(), route::SIGN_IN)],
        ..Notice::default()
    };
    let visit = asked.visit.clone();
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}

fn page(asked: &Asked, token: String, status: StatusCode, form: FormState) -> Response {
    let visit = asked.visit.clone();
    asked.page(status, || view! { <SetupPage visit token form/> })
}
