//! `/invitation/{token}`: somebody is asked to join an organization. Looking changes nothing.

use app::{
    auth::{ConfirmPage, NewPasswordPage},
    form::FormState,
    look::Product,
    notice::{Notice, NoticePage, Way},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    identity::proof::Proof,
    route,
    route::{AccountPage, ReturnTo},
};
use leptos::prelude::*;
use service::organization::Invited;

use super::{
    asked::{Asked, Fields},
    credentials::{self, Refused},
};
use crate::http::redirect::see_other;

const JOINED: AccountPage = AccountPage::Organizations;

pub async fn show(asked: Asked, Path(token): Path<String>) -> Response {
    match asked.services().organizations().invited(&token).await {
        Ok(invited) => page(&asked, &token, &invited, StatusCode::OK, FormState::default()),
        Err(error) => fail(&asked, error),
    }
}

/// The button was pressed, or the password of a new account was chosen.
pub async fn submit(asked: Asked, Path(token): Path<String>, fields: Fields) -> Response {
    let organizations = asked.services().organizations();
    let invited = match organizations.invited(&token).await {
        Ok(invited) => invited,
        Err(error) => return fail(&asked, error),
    };
    let own = asked.session().map(|session| &session.user.email);
    if own == Some(&invited.invitation.email) {
        return match organizations.accept(&asked.ctx, &token).await {
            Ok(_) => see_other(JOINED.path()),
            Err(error) => fail(&asked, error),
        };
    }
    if own.is_some() || invited.has_account {
        return page(&asked, &token, &invited, StatusCode::OK, FormState::default());
    }
    let mut form = FormState::default();
    let Some(password) = form.read("password", credentials::chosen(&fields, "password")) else {
        return page(&asked, &token, &invited, StatusCode::BAD_REQUEST, form);
    };
    match organizations.accept_newly(&asked.ctx, &token, None, password).await {
        Ok((user, _)) => match asked.welcome(&user, Proof::Mail, &ReturnTo::Account(JOINED)).await {
            Ok(response) => response,
            Err(error) => asked.fail(error),
        },
        Err(error) if matches!(error.code(), ErrorCode::InvalidInput | ErrorCode::TooManyAttempts) => {
            match Refused::by(error, form) {
                Ok(refused) => {
                    let wait = refused.wait();
                    Refused::delay(wait, page(&asked, &token, &invited, refused.status, refused.form))
                }
                Err(error) => asked.fail(error),
            }
        }
        Err(error) => fail(&asked, error),
    }
}

fn page(asked: &Asked, token: &str, invited: &Invited, status: StatusCode, form: FormState) -> Response {
    let (visit, product, text) = (asked.visit.clone(), Product::default(), asked.visit.text());
    let email = invited.invitation.email.to_string();
    let title = text.invitation_title(&invited.organization.name);
    let role = text.role_in_organization(invited.invitation.role);
    let action = format!("{}/{token}", route::INVITATION);
    let button = text.invitation_accept();
    let back = ReturnTo::Invitation { token: token.to_owned() };
    match asked.session() {
        Some(own) if own.user.email == invited.invitation.email => {
            let body = text.invitation_body(email, role);
            asked.page(status, || view! { <ConfirmPage visit product action title body button/> })
        }
        Some(own) if !invited.has_account => {
            let body = text.invitation_other(email, &own.user.email);
            let (action, button) = (back.by(route::SIGN_OUT), text.invitation_sign_out());
            let status = StatusCode::FORBIDDEN;
            asked.page(status, || view! { <ConfirmPage visit product action title body button/> })
        }
        Some(own) => {
            let body = text.invitation_other(email, &own.user.email);
            let ways = vec![Way::new(text.use_another_account(), back.sign_in())];
            let notice = Notice { title, body, ways, ..Notice::default() };
            asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
        }
        None if invited.has_account => see_other(&back.sign_in()),
        None => {
            let body = text.invitation_new_body(&email, role);
            let name = None;
            asked.page(status, || view! { <NewPasswordPage visit product action title body button email name form/> })
        }
    }
}

/// An invitation that is over.
fn fail(asked: &Asked, error: service::Error) -> Response {
    if error.code() != ErrorCode::BadCredentials {
        return asked.fail(error);
    }
    let text = asked.visit.text();
    let (title, body) = (text.invitation_over_title(), text.invitation_over_body());
    let notice = Notice { title, body, ..Notice::default() };
    let visit = asked.visit.clone();
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}
