//! `/sign-in`.

use app::{
    auth::SignInPage,
    form::{Fault, FormState},
};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    identity::proof::Proof,
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::{
    account,
    asked::{Asked, Fields},
    behind::Behind,
    credentials::{self, Refused, typed},
};
use crate::http::redirect::see_other;

/// The form; the address is filled in when the application knows it.
pub async fn show(mut asked: Asked) -> Response {
    match Behind::of(&mut asked) {
        Err(error) => asked.fail(error),
        Ok(behind) if goes_on(&asked, &behind) => {
            let home = asked.session().map(|own| ReturnTo::home(own.user.role));
            let to = home.filter(|_| behind.to == ReturnTo::Dashboard).unwrap_or(behind.to);
            see_other(&to.path())
        }
        Ok(behind) => {
            let form = FormState::default().keep("email", typed(behind.login_hint.as_deref().unwrap_or_default()));
            page(&asked, &behind, StatusCode::OK, form).await
        }
    }
}

/// Who has a session goes on, but for where another one is asked for, a more recent one or somebody else's: whoever is
/// sent here has none that does.
fn goes_on(asked: &Asked, behind: &Behind) -> bool {
    use AccountPage::{Data, Email, Identities, Password, Security, Sessions};
    let another = matches!(
        behind.to,
        ReturnTo::Account(Security | Identities | Email | Password | Data | Sessions)
            | ReturnTo::Organization { .. }
            | ReturnTo::Device { .. }
            | ReturnTo::Invitation { .. }
            | ReturnTo::MailLink { .. }
    );
    behind.application.is_none() && asked.session().is_some() && !another && !is_again(asked)
}

/// Whether a page of the dashboard wants a recent sign-in.
fn is_again(asked: &Asked) -> bool {
    asked.parameter(route::AGAIN).is_some()
}

/// Checks address and password and sends the person on. Unknown addresses are told nothing else than wrong passwords.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let behind = match Behind::of(&mut asked) {
        Ok(behind) => behind,
        Err(error) => return asked.fail(error),
    };
    match sign_in(&asked, &behind, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &behind, refused.status, refused.form).await)
        }
        Err(error) => asked.fail(error),
    }
}

async fn sign_in(asked: &Asked, behind: &Behind, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    let mut form = credentials::kept(fields);
    let email = form.read("email", credentials::email(fields));
    let password = form.read("password", credentials::given(fields, "password"));
    let (Some(email), Some(password)) = (email, password) else { return Ok(Err(Refused::invalid(form))) };
    let welcomed = match asked.services().users().authenticate(&asked.ctx, email.as_str(), password).await {
        Ok(own) => asked.welcome_by_password(&own, &behind.to).await,
        Err(error) => Err(error),
    };
    match welcomed {
        Ok(response) => Ok(Ok(response)),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

/// `/sign-in/passkey`: a passkey says by itself whose it is.
pub async fn submit_passkey(mut asked: Asked, fields: Fields) -> Response {
    let behind = match Behind::of(&mut asked) {
        Ok(behind) => behind,
        Err(error) => return asked.fail(error),
    };
    let known = asked.services().factors().identify(&asked.ctx, fields.get("challenge"), fields.get("answer")).await;
    let entered = match known {
        Ok(user) => asked.welcome(&user, Proof::Passkey, &behind.to).await,
        Err(error) if error.code() == ErrorCode::BadCredentials => {
            let form = FormState::failed(Fault::Passkey);
            return page(&asked, &behind, StatusCode::UNAUTHORIZED, form).await;
        }
        Err(error) => match Refused::by(error, FormState::default()) {
            Ok(refused) => return page(&asked, &behind, refused.status, refused.form).await,
            Err(error) => Err(error),
        },
    };
    entered.unwrap_or_else(|error| asked.fail(error))
}

/// Who comes there without one signs in by the page.
pub async fn show_passkey(mut asked: Asked) -> Response {
    match Behind::of(&mut asked) {
        Ok(behind) => see_other(&behind.to.sign_in()),
        Err(error) => asked.fail(error),
    }
}

async fn page(asked: &Asked, behind: &Behind, status: StatusCode, form: FormState) -> Response {
    let challenge = match asked.services().factors().ask_any_passkey() {
        Ok(challenge) => challenge,
        Err(error) => return asked.fail(error),
    };
    let can_register = behind.application.as_ref().is_some_and(|entry| entry.application.settings.allow_register);
    let own = matches!(behind.to, ReturnTo::Account(_) | ReturnTo::Organization { .. }) && asked.session().is_some();
    let again = own || (is_again(asked) && asked.session().is_some());
    let ended = asked.parameter(route::ENDED).is_some() && asked.session().is_none();
    let product = if own { account::product(asked).await } else { behind.product() };
    let (visit, to, offers) = (asked.visit.clone(), behind.to.clone(), behind.offers(asked));
    asked.page(status, || view! { <SignInPage visit product to again ended can_register offers challenge form/> })
}
