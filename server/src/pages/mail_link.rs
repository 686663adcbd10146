//! `/link/{token}`: what a mail about an account leads to. Looking changes nothing.

use app::{
    auth::{ConfirmPage, NewPasswordPage},
    form::{Complaint, FormState},
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{ErrorCode, identity::password::Password, route};
use leptos::prelude::*;
use service::identity::mail_links::{Arrived, Deed, Link};

use super::{
    account::Refused,
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
        Ok(Ok(Arrived { user, to })) => match asked.welcome(&user, &to).await {
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
    match deed {
        Deed::Register => links.finish_registration(ctx, token).await.map(Ok),
        Deed::SignIn => links.finish_sign_in(ctx, token).await.map(Ok),
        Deed::Reset => {
            let mut form = FormState::default();
            let password = match fields.get("password") {
                "" => Err(Complaint::Required),
                password => Password::parse(password).map_err(|_| Complaint::PasswordLength),
            };
            let password = match password {
                Ok(password) => password,
                Err(complaint) => {
                    form.complain("password", complaint);
                    return Ok(Err(Refused::invalid(form)));
                }
            };
            match links.finish_reset(ctx, token, &password).await {
                Ok(arrived) => Ok(Ok(arrived)),
                Err(error) if error.code() == ErrorCode::BadCredentials => Err(error),
                Err(error) => Refused::by(error, form).map(Err),
            }
        }
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
        Deed::Reset => {
            return asked.page(status, || view! { <NewPasswordPage visit product action email form/> });
        }
        Deed::Register => (text.confirm_title(), text.confirm_body(email, &product.name), text.create_account()),
        Deed::SignIn => (text.sign_in_to(&product.name), text.link_sign_in_body(email), text.sign_in()),
    };
    asked.page(status, || view! { <ConfirmPage visit product action title body button/> })
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
