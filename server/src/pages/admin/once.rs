//! A secret that is shown once: sealed into a cookie by the form that made it, taken out and forgotten by the page
//! that shows it. It is in no URL, no log and no row.

use axum::{
    http::{HeaderMap, header::SET_COOKIE},
    response::Response,
};
use domain::{Secret, Timestamp, id::UserId};
use serde::{Deserialize, Serialize};
use service::crypto::Purpose;
use uuid::Uuid;

use super::desk::Desk;
use crate::http::cookie;

const COOKIE: &str = "shown_once";

/// How long the page may take to arrive.
const MINUTES: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The id of what has the secret.
    of: Uuid,
    user: UserId,
    secret: String,
    until: Timestamp,
}

/// Gives the secret of a client, a token or an endpoint along with a redirect to the page that shows it.
pub fn give(desk: &Desk, response: &mut Response, of: Uuid, secret: &Secret) -> service::Result<()> {
    let services = desk.services();
    let until = services.now() + chrono::TimeDelta::minutes(MINUTES);
    let sealed = Sealed { of, user: desk.user.id, secret: secret.expose().to_owned(), until };
    let value = services.vault.seal_value(Purpose::ShownOnce, &sealed, &*services.rng)?;
    let age = Some(time::Duration::minutes(MINUTES));
    response.headers_mut().append(SET_COOKIE, cookie::set(&desk.asked.state, COOKIE, &value, age));
    Ok(())
}

/// The secret of that client, token or endpoint, where its form has just been sent by the same person.
pub fn take(desk: &Desk, headers: &HeaderMap, of: Uuid) -> Option<String> {
    let value = cookie::read(&desk.asked.state, headers, COOKIE)?;
    let sealed: Sealed = desk.services().vault.open_value(Purpose::ShownOnce, &value)?;
    let fresh = sealed.until > desk.services().now();
    (fresh && sealed.of == of && sealed.user == desk.user.id).then_some(sealed.secret)
}

/// Forgets it.
pub fn forget(desk: &Desk, response: &mut Response) {
    response.headers_mut().append(SET_COOKIE, desk.cleared(COOKIE));
}
