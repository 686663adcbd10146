//! `/account`: the pages about one's own account. Whoever is not signed in signs in first, and comes back.

mod connected;
mod data;
mod email;
mod identities;
mod organization;
mod organizations;
mod password;
mod profile;
mod sessions;

pub use email::changed as address_changed;

use app::account::Owner;
use axum::{
    Router,
    http::{HeaderValue, header::LOCATION},
    response::Response,
    routing::get,
};
use domain::{
    identity::session::Session,
    route::{ACCOUNT_EXPORT, AccountPage, ReturnTo},
};

use super::asked::{Asked, see_other};
use crate::state::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
        .route(AccountPage::Profile.path(), get(profile::show).post(profile::submit))
        .route(AccountPage::Email.path(), get(email::show).post(email::submit))
        .route(AccountPage::Password.path(), get(password::show).post(password::submit))
        .route(AccountPage::Identities.path(), get(identities::show).post(identities::submit))
        .route(AccountPage::Sessions.path(), get(sessions::show).post(sessions::submit))
        .route(AccountPage::Connected.path(), get(connected::show).post(connected::submit))
        .route(AccountPage::Organizations.path(), get(organizations::show).post(organizations::submit))
        .route(organization::PATH, get(organization::show).post(organization::submit))
        .route(AccountPage::Data.path(), get(data::show).post(data::submit))
        .route(ACCOUNT_EXPORT, get(data::export))
}

/// The parameter that says that something was done, after a form.
const DONE: &str = "done";

/// The session, or the way to one.
fn session(asked: &Asked, page: AccountPage) -> Result<&Session, Response> {
    asked.session().ok_or_else(|| see_other(&ReturnTo::Account(page).sign_in()))
}

/// Whose account it is; `done` is said once, right after the form.
fn owner(asked: &Asked, session: &Session, done: String) -> Owner {
    let done = asked.parameter(DONE).map(|_| done);
    Owner { email: session.user.email.to_string(), done }
}

/// To a page that says that the form was done.
fn done(page: AccountPage) -> Response {
    said(page, see_other(page.path()))
}

/// A redirect to a page, so that the page says that the form was done. One to somewhere else stays as it is.
fn said(page: AccountPage, mut response: Response) -> Response {
    if let Some(location) = response.headers_mut().get_mut(LOCATION)
        && *location == page.path()
        && let Ok(with) = HeaderValue::from_str(&format!("{}?{DONE}=1", page.path()))
    {
        *location = with;
    }
    response
}
