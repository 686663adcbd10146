//! `/link/{token}`: what a mail about an account leads to. Looking changes nothing.

use app::{
    auth::{ConfirmPage, NewPasswordPage},
    form::FormState,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{ErrorCode, identity::proof::Proof, route};
use leptos::prelude::*;
use service::identity::mail_links::{Arrived, Deed, Link};

use super::{
    account::{self, Refused},
    asked::{Asked, Fields},
    error::product,
};

pub async fn show(asked: Asked, Path(token): Path<String>) -> Response {
    match asked.services().mail_links().find(&token).await {
        Ok(link) => page(&asked, &token, &link, StatusCode::OK, FormState::default()),
        Err(error) => fail(&asked, error),
    }
}

/// The button was pressed, or a password was chosen.
pub async fn submit(asked: Asked, Path(token): Path<String>, fields: Fields) -> Response {
    let link = match asked.services().mail_links().find(&token).await {
        Ok(link) => link,
        Err(error) => return fail(&asked, error),
    };
    match follow(&asked, &token, link.deed, &fields).await {
        Ok(Ok(Arrived { user, to })) => match asked.welcome(&user, Proof::Mail, &to).await {
            Ok(response) => response,
            Err(error) => asked.fail(error),
        },
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &token, &link, refused.status, refused.form))
        }
        Err(error) => fail(&asked, error),
    }
}

async fn follow(asked: &Asked, token: &str, deed: Deed, fields: &Fields) -> service::Result<Result<Arrived, Refused>> {
    let (links, ctx) = (asked.services().mail_links(), &asked.ctx);
    if deed == Deed::SignIn {
        return links.finish_sign_in(ctx, token).await.map(Ok);
    }
    let mut form = FormState::default();
    let Some(password) = form.read("password", account::chosen(fields, "password")) else {
        return Ok(Err(Refused::invalid(form)));
    };
    let done = match deed {
        Deed::Register => links.finish_registration(ctx, token, password).await,
        _ => links.finish_reset(ctx, token, password).await,
    };
    match done {
        Err(error) if matches!(error.code(), ErrorCode::InvalidInput | ErrorCode::TooManyAttempts) => {
            Refused::by(error, form).map(Err)
        }
        done => done.map(Ok),
    }
}

fn product_of(asked: &Asked, link: &Link) -> Product {
    let directory = asked.services().directory();
    let entry = link.origin.application.and_then(|id| directory.application(id));
    entry.map_or_else(Product::default, |entry| product(entry))
}

fn page(asked: &Asked, token: &str, link: &Link, status: StatusCode, form: FormState) -> Response {
    let (visit, product) = (asked.visit.clone(), product_of(asked, link));
    let (text, email) = (visit.text(), link.email.to_string());
    let action = format!("{}/{token}", route::MAIL_LINK);
    let (title, body, button) = match link.deed {
        Deed::SignIn => {
            let (title, body) = (text.sign_in_to(&product.name), text.link_sign_in_body(email));
            let button = text.sign_in();
            return asked.page(status, || view! { <ConfirmPage visit product action title body button/> });
        }
        Deed::Register => (text.confirm_title(), text.confirm_body(&product.name), text.create_account()),
        Deed::Reset => (text.new_password_title(), text.new_password_body(), text.new_password_button()),
    };
    asked.page(status, || view! { <NewPasswordPage visit product action title body button email form/> })
}

/// A link that is used up, or an account that is there already: both lead to the sign-in page.
fn fail(asked: &Asked, error: service::Error) -> Response {
    let text = asked.visit.text();
    let (title, body) = match error.code() {
        ErrorCode::BadCredentials => (text.link_used_title(), text.link_used_body()),
        ErrorCode::UserInvalid => (text.link_done_title(), text.link_done_body()),
        ErrorCode::AccountDisabled => (text.link_used_title(), text.problem(ErrorCode::AccountDisabled)),
        _ => return asked.fail(error),
    };
    let ways = vec![Way::new(text.sign_in(), route::SIGN_IN)];
    let notice = Notice { title, body, ways, ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}
