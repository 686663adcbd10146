//! `/account/data`: taking one's data along, or away.

use app::{
    account::DataPage,
    form::{Complaint, FormState},
    notice::{Notice, NoticePage, Way},
};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    },
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode,
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::owner;
use crate::{
    http::cookie,
    pages::{
        asked::{Asked, Fields},
        credentials::{Refused, given},
    },
};

const PAGE: AccountPage = AccountPage::Data;

pub async fn show(asked: Asked) -> Response {
    page(&asked, StatusCode::OK, FormState::default()).await
}

/// `/account/export`: a file, for whoever has just signed in.
pub async fn export(asked: Asked) -> Response {
    if let Err(response) = asked.recent(&ReturnTo::Account(PAGE)).await {
        return response;
    }
    match asked.services().account().export(&asked.ctx).await {
        Ok(all) => {
            let mut response = axum::Json(all).into_response();
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            let name = HeaderValue::from_static("attachment; filename=\"account.json\"");
            headers.insert(CONTENT_DISPOSITION, name);
            response
        }
        Err(error) => asked.fail(error),
    }
}

/// Deletes the account.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    if let Err(response) = asked.with_factor(&ReturnTo::Account(PAGE)).await {
        return response;
    }
    match delete(&asked, &fields).await {
        Ok(Ok(())) => gone(&asked).await,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, refused.status, refused.form).await)
        }
        Err(error) => asked.fail(error),
    }
}

async fn delete(asked: &Asked, fields: &Fields) -> service::Result<Result<(), Refused>> {
    let mut form = FormState::default();
    let Some(password) = form.read("password", given(fields, "password")) else {
        return Ok(Err(Refused::invalid(form)));
    };
    match asked.services().account().delete(&asked.ctx, password).await {
        Ok(()) => Ok(Ok(())),
        Err(error) if error.code() == ErrorCode::BadCredentials => {
            form.complain("password", Complaint::PasswordWrong);
            Ok(Err(Refused::invalid(form)))
        }
        Err(error) => Refused::by(error, form).map(Err),
    }
}

async fn gone(asked: &Asked) -> Response {
    let (visit, text) = (asked.visit.clone(), asked.visit.text());
    let ways = vec![Way::new(text.sign_in(), route::SIGN_IN)];
    let notice = Notice { title: text.deleted_title(), body: text.deleted_body(), ways, ..Notice::default() };
    let mut response = asked.page(StatusCode::OK, || view! { <NoticePage visit notice/> });
    match cookie::leave(&asked.state, &asked.headers, response.headers_mut()).await {
        Ok(()) => response,
        Err(error) => asked.fail(error),
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
    let (visit, owner) = (asked.visit.clone(), owner(asked, &own, None).await);
    asked.page(status, || view! { <DataPage visit owner has_password form/> })
}
