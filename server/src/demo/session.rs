//! Acme's own session: its tokens, sealed, in HttpOnly cookies below `/demo`. Nothing is kept on the server.

use axum::http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::route;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service::{Services, crypto::Purpose};

use super::{client::Login, verify};
use crate::http::cookie::sent;

const SESSION: &str = "acme_session";
/// Before the state of a sign-in under way: each has a cookie of its own, so that tabs do not disturb each other.
const LOGIN: &str = "acme_login_";
/// So many sign-ins may be under way in a browser; with the next one the oldest ends.
const MOST_LOGINS: usize = 5;
/// Browsers take 4,096 bytes with the name and the attributes; tokens take more, in pieces.
const PIECE: usize = 3500;
const MOST_PIECES: usize = 6;

/// What the token endpoint gave.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Tokens {
    pub access: String,
    pub id: String,
    pub refresh: Option<String>,
}

/// A signed-in browser.
pub(super) struct Session {
    pub tokens: Tokens,
}

impl Session {
    pub fn read(services: &Services, headers: &HeaderMap) -> Option<Self> {
        let sealed: String = (0..MOST_PIECES).map_while(|index| find(headers, &piece(index))).collect();
        open(services, SESSION, &sealed).map(|tokens| Self { tokens })
    }

    pub fn cookies(&self, services: &Services) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let sealed = seal(services, SESSION, &self.tokens);
        let pieces = sealed.as_bytes().chunks(PIECE).map(String::from_utf8_lossy);
        let mut count = 0;
        for part in pieces.take(MOST_PIECES) {
            set(&mut headers, &piece(count), &part, time::Duration::days(30));
            count += 1;
        }
        // A shorter value than before must not be read with the end of the longer one.
        if count < MOST_PIECES {
            set(&mut headers, &piece(count), "", time::Duration::ZERO);
        }
        headers
    }

    /// Takes every piece away that the browser has.
    pub fn clear(headers: &HeaderMap) -> HeaderMap {
        let mut cleared = HeaderMap::new();
        for index in (0..MOST_PIECES).filter(|index| find(headers, &piece(*index)).is_some()) {
            set(&mut cleared, &piece(index), "", time::Duration::ZERO);
        }
        cleared
    }

    /// When the access token expires, in seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        verify::claims(&self.tokens.access)["exp"].as_i64().unwrap_or_default()
    }
}

impl Login {
    /// The sign-in with this state, where it is this browser's.
    pub fn read(services: &Services, headers: &HeaderMap, state: &str) -> Option<Self> {
        let name = format!("{LOGIN}{state}");
        open(services, &name, &find(headers, &name)?)
    }

    /// Keeps it beside the others that `headers` have.
    pub fn cookies(&self, services: &Services, headers: &HeaderMap) -> HeaderMap {
        let mut cookies = HeaderMap::new();
        let others: Vec<_> = sent(headers).filter(|cookie| cookie.name().starts_with(LOGIN)).collect();
        // Browsers send the oldest first (RFC 6265, section 5.4).
        for oldest in others.iter().take((others.len() + 1).saturating_sub(MOST_LOGINS)) {
            set(&mut cookies, oldest.name(), "", time::Duration::ZERO);
        }
        let name = self.cookie();
        set(&mut cookies, &name, &seal(services, &name, self), time::Duration::minutes(30));
        cookies
    }

    /// Takes it away.
    pub fn clear(&self) -> HeaderMap {
        let mut cleared = HeaderMap::new();
        set(&mut cleared, &self.cookie(), "", time::Duration::ZERO);
        cleared
    }

    fn cookie(&self) -> String {
        format!("{LOGIN}{}", self.state)
    }
}

fn piece(index: usize) -> String {
    format!("{SESSION}_{index}")
}

fn seal<T: Serialize>(services: &Services, name: &str, value: &T) -> String {
    services.vault.seal_value(Purpose::Demo, &(name, value), &*services.rng).unwrap_or_default()
}

fn open<T: DeserializeOwned>(services: &Services, name: &str, sealed: &str) -> Option<T> {
    let (sealed_for, value): (String, T) = services.vault.open_value(Purpose::Demo, sealed)?;
    (sealed_for == name).then_some(value)
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    sent(headers).find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

fn set(headers: &mut HeaderMap, name: &str, value: &str, age: time::Duration) {
    let cookie = Cookie::build((name, value))
        .path(route::DEMO)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(age)
        .build()
        .to_string();
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, value);
    }
}
