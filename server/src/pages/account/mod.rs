//! `/account`: the pages about one's own account. Whoever is not signed in signs in first, and comes back.

mod connected;
mod data;
mod deed;
mod email;
mod identities;
mod organization;
mod organizations;
mod password;
mod profile;
mod sessions;

pub use email::changed as address_changed;

use app::{account::Owner, look::Product};
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

use super::{asked::Asked, error};
use crate::{http::redirect::see_other, state::AppState};

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
    asked.session().ok_or_else(|| asked.sign_in_for(&ReturnTo::Account(page)))
}

/// Whose account it is; `done` is what a form just did, where [`DONE`] says so.
async fn owner(asked: &Asked, session: &Session, done: Option<String>) -> Owner {
    Owner { email: session.user.email.to_string(), product: product(asked).await, done }
}

/// The look of pages that belong to no application: that of the only one that the person may use, else the server's
/// own. A page that cannot learn it is shown all the same.
pub async fn product(asked: &Asked) -> Product {
    let services = asked.services();
    let only = services.account().only_application(&asked.ctx).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a page about an account wears no application's look");
        None
    });
    let directory = services.directory();
    let entry = only.and_then(|only| directory.application(only));
    entry.map_or_else(Product::default, |entry| error::product(entry))
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
