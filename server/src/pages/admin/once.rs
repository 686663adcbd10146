//! A secret that is shown once: sealed into a cookie by the form that made it, taken out and forgotten by the page
//! that shows it. It is in no URL, no log and no row.

use axum::{
    http::{HeaderMap, header::SET_COOKIE},
    response::Response,
};
use domain::{
    Secret, Timestamp,
    id::{ClientRowId, UserId},
};
use serde::{Deserialize, Serialize};
use service::crypto::Purpose;

use super::desk::Desk;
use crate::http::cookie;

const COOKIE: &str = "shown_once";

/// How long the page may take to arrive.
const MINUTES: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Sealed {
    client: ClientRowId,
    user: UserId,
    secret: String,
    until: Timestamp,
}

/// Gives the secret along with a redirect to the client's page.
pub fn give(desk: &Desk, response: &mut Response, client: ClientRowId, secret: &Secret) -> service::Result<()> {
    let services = desk.services();
    let until = services.now() + chrono::TimeDelta::minutes(MINUTES);
    let sealed = Sealed { client, user: desk.user.id, secret: secret.expose().to_owned(), until };
    let value = services.vault.seal_value(Purpose::ShownOnce, &sealed, &*services.rng)?;
    let age = Some(time::Duration::minutes(MINUTES));
    response.headers_mut().append(SET_COOKIE, cookie::set(&desk.asked.state, COOKIE, &value, age));
    Ok(())
}

/// The secret of this client, where its form has just been sent by the same person.
pub fn take(desk: &Desk, headers: &HeaderMap, client: ClientRowId) -> Option<String> {
    let value = cookie::read(&desk.asked.state, headers, COOKIE)?;
    let sealed: Sealed = desk.services().vault.open_value(Purpose::ShownOnce, &value)?;
    let fresh = sealed.until > desk.services().now();
    (fresh && sealed.client == client && sealed.user == desk.user.id).then_some(sealed.secret)
}

/// Forgets it.
pub fn forget(desk: &Desk, response: &mut Response) {
    response.headers_mut().append(SET_COOKIE, desk.cleared(COOKIE));
}
