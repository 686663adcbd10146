//! `/link/{token}`: what a mail about an account leads to. Looking changes nothing.

use app::{
    auth::{ConfirmPage, NewPasswordPage},
    form::FormState,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;
use service::identity::mail_links::{Arrived, Deed, Link};

use super::{
    account,
    asked::{Asked, Fields},
    credentials::{self, Refused},
    error::product,
};
use crate::http::redirect::see_other;

pub async fn show(mut asked: Asked, Path(token): Path<String>) -> Response {
    match open(&mut asked, &token).await {
        Ok(link) => page(&asked, &token, &link, StatusCode::OK, FormState::default()),
        Err(response) => response,
    }
}

/// The link, where whoever opens it may follow it. One that changes an account needs a session of its owner: whoever
/// else reads the mail, as at an address that was mistyped, changes nothing.
async fn open(asked: &mut Asked, token: &str) -> Result<Link, Response> {
    let link = match asked.services().mail_links().find(token).await {
        Ok(link) => link,
        Err(error) => return Err(fail(asked, error).await),
    };
    asked.prefer(link.locale);
    if let Some(application) = link.origin.application {
        asked.speak_for(application);
    }
    let Some(owner) = link.owner else { return Ok(link) };
    let back = ReturnTo::MailLink { token: token.to_owned() };
    match asked.session() {
        Some(own) if own.user.id == owner => asked.with_factor(&back).await.map(|_| link),
        Some(own) => {
            let text = asked.visit.text();
            let way = Way::new(text.use_another_account(), back.sign_in());
            Err(notice(asked, text.address_title(), text.address_other(&own.user.email), way).await)
        }
        None => Err(see_other(&back.sign_in())),
    }
}

/// The button was pressed, or a password was chosen.
pub async fn submit(mut asked: Asked, Path(token): Path<String>, fields: Fields) -> Response {
    let link = match open(&mut asked, &token).await {
        Ok(link) => link,
        Err(response) => return response,
    };
    if link.deed == Deed::Address {
        return match asked.services().mail_links().finish_address(&asked.ctx, &token).await {
            Ok(_) => account::address_changed(),
            Err(error) if error.code() == ErrorCode::UserInvalid => {
                let text = asked.visit.text();
                let way = Way::new(text.address_title(), AccountPage::Email.path());
                notice(&asked, text.address_gone_title(), text.address_gone_body(&link.email), way).await
            }
            Err(error) => fail(&asked, error).await,
        };
    }
    let known = match is_known(&asked, &link).await {
        Ok(known) => known,
        Err(error) => return asked.fail(error),
    };
    let followed = follow(&asked, &token, link.deed, &fields).await;
    match followed {
        Ok(Ok(arrived)) => {
            let welcome = match known {
                true => asked.welcome_back_by_mail(&arrived).await,
                false => asked.welcome_by_mail(&arrived).await,
            };
            welcome.unwrap_or_else(|error| asked.fail(error))
        }
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &token, &link, refused.status, refused.form))
        }
        Err(error) => fail(&asked, error).await,
    }
}

/// Whether this browser knows the account whose password is about to be replaced.
async fn is_known(asked: &Asked, link: &Link) -> service::Result<bool> {
    let services = asked.services();
    match services.users().find_by_email(&link.email).await? {
        Some(user) if link.deed == Deed::Reset => services.devices().knows(&asked.ctx, user.id).await,
        _ => Ok(false),
    }
}

async fn follow(asked: &Asked, token: &str, deed: Deed, fields: &Fields) -> service::Result<Result<Arrived, Refused>> {
    let (links, ctx) = (asked.services().mail_links(), &asked.ctx);
    if deed == Deed::SignIn {
        return links.finish_sign_in(ctx, token).await.map(Ok);
    }
    let mut form = FormState::default();
    let Some(password) = form.read("password", credentials::chosen(fields, "password")) else {
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
        Deed::SignIn => (text.sign_in_to(&product.name), text.link_sign_in_body(&email), text.sign_in()),
        Deed::Address => (text.address_title(), text.address_confirm(&email), text.address_button()),
        Deed::Register => (text.confirm_title(), text.confirm_body(&product.name), text.create_account()),
        Deed::Reset => (text.new_password_title(), text.new_password_body(), text.new_password_button()),
    };
    if matches!(link.deed, Deed::SignIn | Deed::Address) {
        return asked.page(status, || view! { <ConfirmPage visit product action title body button/> });
    }
    let name = link.name.as_ref().map(ToString::to_string);
    asked.page(status, || view! { <NewPasswordPage visit product action title body button email name form/> })
}

/// A link that is used up, or an account that is there already: both lead to one's own account, which is there for
/// everybody; nobody knows any more on the way to what it was. Whoever has no session, or is told to sign in, does so
/// first.
async fn fail(asked: &Asked, error: service::Error) -> Response {
    let text = asked.visit.text();
    let (title, body) = match error.code() {
        ErrorCode::BadCredentials => (text.link_used_title(), text.link_used_body()),
        ErrorCode::UserInvalid => (text.link_done_title(), text.link_done_body()),
        ErrorCode::AccountDisabled => (text.link_used_title(), text.problem(ErrorCode::AccountDisabled)),
        _ => return asked.fail(error),
    };
    let is_used = error.code() == ErrorCode::BadCredentials;
    let way = match asked.session().filter(|_| is_used) {
        Some(_) => Way::new(text.own_account(), AccountPage::Profile.path()),
        None => Way::new(text.sign_in(), ReturnTo::Account(AccountPage::Profile).sign_in()),
    };
    notice(asked, title, body, way).await
}

/// Says why nothing was done. Whoever is signed in sees it in the look of the pages about their account.
async fn notice(asked: &Asked, title: String, body: String, way: Way) -> Response {
    let product = match asked.session() {
        Some(_) => account::product(asked).await,
        None => Product::default(),
    };
    let notice = Notice { product, title, body, ways: vec![way], ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}
