//! The session cookie (RFC 6265bis): `__Host-` and `Secure` on https; plain on loopback http.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::Secret;

use crate::state::AppState;

const SESSION: &str = "turnpike_session";

fn name(state: &AppState, name: &str) -> String {
    if state.secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// The value of one of our cookies.
pub fn read(state: &AppState, headers: &HeaderMap, cookie: &str) -> Option<String> {
    let name = name(state, cookie);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// The session token that a browser sent.
pub fn session(state: &AppState, headers: &HeaderMap) -> Option<String> {
    read(state, headers, SESSION)
}

/// `Set-Cookie` for a session that has just begun.
pub fn set_session(state: &AppState, token: &Secret) -> HeaderValue {
    set(state, SESSION, token.expose(), Some(time::Duration::days(30)))
}

/// `Set-Cookie` that takes the session away.
pub fn clear_session(state: &AppState) -> HeaderValue {
    set(state, SESSION, "", Some(time::Duration::ZERO))
}

/// `Set-Cookie` for an HttpOnly cookie of the whole site.
pub fn set(state: &AppState, cookie: &str, value: &str, age: Option<time::Duration>) -> HeaderValue {
    let mut cookie = Cookie::build((name(state, cookie), value.to_owned()))
        .path("/")
        .http_only(true)
        .secure(state.secure)
        .same_site(SameSite::Lax);
    if let Some(age) = age {
        cookie = cookie.max_age(age);
    }
    HeaderValue::from_str(&cookie.build().to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
