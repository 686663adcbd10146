//! Cookies (RFC 6265bis): `__Host-` and `Secure` on https, plain on loopback http. Others set cookies for our host as
//! well: whatever these hold, ours are read.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::TimeDelta;
use domain::Secret;
use service::{
    identity::{factors, sessions},
    portal,
};

use crate::state::AppState;

const SESSION: &str = "turnpike_session";
const PORTAL: &str = "turnpike_portal";
const DEVICE: &str = "turnpike_device";
const PENDING: &str = "turnpike_pending";
const UPSTREAM: &str = "turnpike_upstream";

fn name(state: &AppState, name: &str) -> String {
    if state.secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// The value of one of our cookies.
pub fn read(state: &AppState, headers: &HeaderMap, cookie: &str) -> Option<String> {
    let name = name(state, cookie);
    sent(headers).find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// Every cookie that a browser sent.
pub fn sent(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'static>> {
    let lines = headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    lines.flat_map(Cookie::split_parse).filter_map(Result::ok)
}

/// The session token that a browser sent.
pub fn session(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, SESSION)
}

/// `Set-Cookie` for a session that has just begun.
pub fn set_session(state: &AppState, token: &Secret) -> HeaderValue {
    set(state, SESSION, token.expose(), Some(age(sessions::ABSOLUTE)))
}

/// The sign-in that waits for its second factor, sealed.
pub fn pending(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, PENDING)
}

/// `Set-Cookie` for a sign-in that waits.
pub fn set_pending(state: &AppState, pending: &Secret) -> HeaderValue {
    set(state, PENDING, pending.expose(), Some(age(factors::PENDING)))
}

/// `Set-Cookie` that takes it away.
pub fn clear_pending(state: &AppState) -> HeaderValue {
    set(state, PENDING, "", Some(time::Duration::ZERO))
}

/// What a browser remembers of the accounts that signed in with it.
pub fn device(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, DEVICE)
}

/// `Set-Cookie` for what a browser is to remember; 400 days are the most that browsers keep.
pub fn set_device(state: &AppState, marks: &str) -> HeaderValue {
    set(state, DEVICE, marks, Some(time::Duration::days(400)))
}

/// By which a browser is known that left for a sign-in provider.
pub fn upstream(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, UPSTREAM)
}

/// `Set-Cookie` for a browser that leaves for a sign-in provider: an hour, which covers the way there and the proof of
/// an account by mail.
pub fn set_upstream(state: &AppState, browser: &Secret) -> HeaderValue {
    set(state, UPSTREAM, browser.expose(), Some(time::Duration::hours(1)))
}

/// The portal visit that a browser sent, sealed.
pub fn portal(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, PORTAL)
}

/// `Set-Cookie` for a portal visit that has just begun.
pub fn set_portal(state: &AppState, visit: &Secret) -> HeaderValue {
    set(state, PORTAL, visit.expose(), Some(age(portal::VISIT)))
}

/// Takes the session away from a browser whose user has signed out, and ends its visit to a portal with it.
///
/// # Errors
/// The database's own.
pub async fn leave(state: &AppState, sent: &HeaderMap, answer: &mut HeaderMap) -> service::Result<()> {
    answer.append(SET_COOKIE, set(state, SESSION, "", Some(time::Duration::ZERO)));
    leave_portal(state, sent, answer).await
}

/// Ends a browser's visit to a portal.
///
/// # Errors
/// The database's own.
pub async fn leave_portal(state: &AppState, sent: &HeaderMap, answer: &mut HeaderMap) -> service::Result<()> {
    if let Some(visit) = portal(state, sent) {
        state.services.portal().leave(&visit).await?;
    }
    answer.append(SET_COOKIE, set(state, PORTAL, "", Some(time::Duration::ZERO)));
    Ok(())
}

/// `Set-Cookie` for an HttpOnly cookie of the whole site.
pub fn set(state: &AppState, cookie: &str, value: &str, age: Option<time::Duration>) -> HeaderValue {
    let mut cookie = Cookie::build((name(state, cookie), value.to_owned())).path("/");
    if let Some(age) = age {
        cookie = cookie.max_age(age);
    }
    let mut cookie = cookie.build();
    cookie.set_http_only(true);
    cookie.set_secure(state.secure);
    cookie.set_same_site(SameSite::Lax);
    HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn age(life: TimeDelta) -> time::Duration {
    time::Duration::seconds(life.num_seconds())
}
