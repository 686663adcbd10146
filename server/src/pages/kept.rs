//! What was typed into a form that wants a recent sign-in, sealed in a cookie for the page to which the sign-in leads
//! back.

use axum::{
    http::{HeaderValue, header::SET_COOKIE},
    response::Response,
};
use chrono::TimeDelta;
use domain::{Timestamp, id::UserId};
use serde::{Deserialize, Serialize};
use service::crypto::Purpose;

use super::asked::Asked;
use crate::http::cookie;

const COOKIE: &str = "kept_form";

/// How long the sign-in may take.
const MINUTES: i64 = 10;

/// The longest sealed form in bytes: proxies in front of the server take about 4096 for all headers of an answer.
const MOST: usize = 2560;

/// The fields of a form with their values, in its order.
pub type Typed = Vec<(String, String)>;

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The path of its page.
    page: String,
    user: UserId,
    /// Empty where there is too much of it.
    typed: Typed,
    /// When a sign-in was asked for.
    at: Timestamp,
}

/// `Set-Cookie` that keeps the form of the page that was asked for, and whether there was not too much of it.
///
/// # Errors
/// `AUTH_001` without a session.
pub fn seal(asked: &Asked, typed: Typed) -> service::Result<(HeaderValue, bool)> {
    let (services, user) = (asked.services(), asked.ctx.require_session()?.user.id);
    let kept = Kept { page: asked.uri.path().to_owned(), user, typed, at: services.now() };
    let seal = |kept: &Kept| services.vault.seal_value(Purpose::KeptForm, kept, &*services.rng);
    let mut sealed = seal(&kept)?;
    let fits = sealed.len() <= MOST;
    if !fits {
        sealed = seal(&Kept { typed: Typed::new(), ..kept })?;
    }
    Ok((cookie::set(&asked.state, COOKIE, &sealed, Some(time::Duration::minutes(MINUTES))), fits))
}

/// The form of the page at `path`, where the same person has signed in since then; nothing is in one that was too long.
pub fn open(asked: &Asked, path: &str) -> Option<Typed> {
    let sealed = cookie::read(&asked.state, &asked.headers, COOKIE)?;
    let (services, session) = (asked.services(), asked.session()?);
    let kept: Kept = services.vault.open_value(Purpose::KeptForm, &sealed)?;
    let since = session.authenticated_at >= kept.at;
    let waits = services.now() < kept.at + TimeDelta::minutes(MINUTES);
    (kept.page == path && kept.user == session.user.id && since && waits).then_some(kept.typed)
}

/// Forgets the form with the answer to what it was sent for.
pub fn forget(asked: &Asked, mut response: Response) -> Response {
    if cookie::read(&asked.state, &asked.headers, COOKIE).is_some() {
        let gone = cookie::set(&asked.state, COOKIE, "", Some(time::Duration::ZERO));
        response.headers_mut().append(SET_COOKIE, gone);
    }
    response
}
