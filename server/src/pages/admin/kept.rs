//! A form that wants a recent sign-in: its answer leads to one, and keeps what was typed, sealed in a cookie, for the
//! page to which the sign-in leads back. Secrets are not kept; whoever typed them types them once more.

use app::admin::{
    form::{Sent, Values},
    frame::Done,
};
use axum::{http::header::SET_COOKIE, response::Response};
use chrono::TimeDelta;
use domain::{Timestamp, id::UserId};
use serde::{Deserialize, Serialize};
use service::crypto::Purpose;

use super::desk::{Desk, Posted, want};
use crate::http::{cookie, redirect::see_other};

const COOKIE: &str = "kept_form";

/// How long the sign-in may take.
const MINUTES: i64 = 10;

/// The longest sealed form in bytes: proxies in front of the server take about 4096 for all headers of an answer.
const MOST: usize = 2560;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The path of its page.
    page: String,
    user: UserId,
    /// Empty where there is too much of it.
    typed: Vec<(String, String)>,
    /// When a sign-in was asked for.
    at: Timestamp,
}

/// To a recent sign-in, the `way` for this session, and from there back to the form.
pub fn lead(desk: &Desk, way: &str, values: &Values) -> Response {
    let (sealed, done) = match seal(desk, values) {
        Ok(sealed) => sealed,
        Err(error) => return desk.asked.fail(error),
    };
    let (state, age) = (&desk.asked.state, Some(time::Duration::minutes(MINUTES)));
    let mut response = see_other(way);
    response.headers_mut().append(SET_COOKIE, cookie::set(state, COOKIE, &sealed, age));
    response.headers_mut().append(SET_COOKIE, want(state, &desk.asked.uri, Some(done)));
    response
}

/// What was typed, but for the fields that hold a secret (each says so by its name), and what the page then says.
fn seal(desk: &Desk, values: &Values) -> service::Result<(String, Done)> {
    let services = desk.services();
    let typed = values.0.iter().filter(|(name, _)| !name.contains("secret")).cloned().collect();
    let kept = Kept { page: desk.asked.uri.path().to_owned(), user: desk.user.id, typed, at: services.now() };
    let seal = |kept: &Kept| services.vault.seal_value(Purpose::KeptForm, kept, &*services.rng);
    let sealed = seal(&kept)?;
    if sealed.len() <= MOST {
        return Ok((sealed, Done::SignedIn));
    }
    Ok((seal(&Kept { typed: Vec::new(), ..kept })?, Done::TypeAgain))
}

/// The form of the page at `path`, where the same person has signed in since then.
fn open(desk: &Desk, path: &str) -> Option<Kept> {
    let sealed = cookie::read(&desk.asked.state, &desk.asked.headers, COOKIE)?;
    let kept: Kept = desk.services().vault.open_value(Purpose::KeptForm, &sealed)?;
    let since = desk.asked.session()?.authenticated_at >= kept.at;
    let waits = desk.services().now() < kept.at + TimeDelta::minutes(MINUTES);
    (kept.page == path && kept.user == desk.user.id && since && waits).then_some(kept)
}

/// Whether somebody comes back to a form of the page at `path`.
pub fn is_back(desk: &Desk, path: &str) -> bool {
    open(desk, path).is_some()
}

/// What was typed into this page's form before the sign-in that leads here; nothing for whoever comes otherwise.
pub fn typed(desk: &Desk) -> Sent {
    if desk.asked.parameter("done").as_deref() != Some(Done::SignedIn.as_str()) {
        return Sent::default();
    }
    match open(desk, desk.asked.uri.path()) {
        Some(kept) if !kept.typed.is_empty() => Posted { values: Values(kept.typed) }.typed(desk),
        _ => Sent::default(),
    }
}
