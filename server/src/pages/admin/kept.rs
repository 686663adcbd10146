//! A form of the dashboard that wants a recent sign-in: its answer leads to one, and keeps what was typed. Secrets are
//! not kept; whoever typed them types them once more.

use app::admin::{
    form::{Sent, Values},
    frame::Done,
};
use axum::{http::header::SET_COOKIE, response::Response};

use super::desk::{Desk, Posted, want};
use crate::{
    http::redirect::see_other,
    pages::kept::{open, seal},
};

/// To a recent sign-in, the `way` for this session, and from there back to the form, but for the fields that hold a
/// secret (each says so by its name).
pub fn lead(desk: &Desk, way: &str, values: &Values) -> Response {
    let asked = &desk.asked;
    let typed = values.0.iter().filter(|(name, _)| !name.contains("secret")).cloned().collect();
    let (kept, fits) = match seal(asked, typed) {
        Ok(sealed) => sealed,
        Err(error) => return asked.fail(error),
    };
    let done = if fits { Done::SignedIn } else { Done::TypeAgain };
    let mut response = see_other(way);
    response.headers_mut().append(SET_COOKIE, kept);
    response.headers_mut().append(SET_COOKIE, want(&asked.state, &asked.uri, Some(done)));
    response
}

/// Whether somebody comes back to a form of the page at `path`.
pub fn is_back(desk: &Desk, path: &str) -> bool {
    open(&desk.asked, path).is_some()
}

/// What was typed into this page's form before the sign-in that leads here; nothing for whoever comes otherwise.
pub fn typed(desk: &Desk) -> Sent {
    if desk.asked.parameter("done").as_deref() != Some(Done::SignedIn.as_str()) {
        return Sent::default();
    }
    match open(&desk.asked, desk.asked.uri.path()) {
        Some(typed) if !typed.is_empty() => Posted { values: Values(typed) }.typed(desk),
        _ => Sent::default(),
    }
}
