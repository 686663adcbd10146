//! Acme's own session: its tokens, sealed, in HttpOnly cookies below `/demo`. Nothing is kept on the server.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::route;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service::{Services, crypto::Purpose};

use super::{client::Login, verify};

const SESSION: &str = "acme_session";
const LOGIN: &str = "acme_login";
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
        open(services, headers, SESSION).map(|tokens| Self { tokens })
    }

    pub fn cookies(&self, services: &Services) -> HeaderMap {
        seal(services, SESSION, &self.tokens, time::Duration::days(30))
    }

    /// Takes every piece away that the browser has.
    pub fn clear(headers: &HeaderMap) -> HeaderMap {
        let mut cleared = HeaderMap::new();
        for index in (0..MOST_PIECES).filter(|index| find(headers, &piece(SESSION, *index)).is_some()) {
            set(&mut cleared, &piece(SESSION, index), "", time::Duration::ZERO);
        }
        cleared
    }

    /// When the access token expires, in seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        verify::claims(&self.tokens.access)["exp"].as_i64().unwrap_or_default()
    }
}

impl Login {
    pub fn read(services: &Services, headers: &HeaderMap) -> Option<Self> {
        open(services, headers, LOGIN)
    }

    pub fn cookies(&self, services: &Services) -> HeaderMap {
        seal(services, LOGIN, self, time::Duration::minutes(30))
    }

    pub fn clear() -> HeaderMap {
        let mut cleared = HeaderMap::new();
        set(&mut cleared, &piece(LOGIN, 0), "", time::Duration::ZERO);
        cleared
    }
}

fn piece(name: &str, index: usize) -> String {
    format!("{name}_{index}")
}

fn seal<T: Serialize>(services: &Services, name: &str, value: &T, age: time::Duration) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let sealed = services.vault.seal_value(Purpose::Demo, &(name, value), &*services.rng).unwrap_or_default();
    let pieces = sealed.as_bytes().chunks(PIECE).map(String::from_utf8_lossy);
    let mut count = 0;
    for part in pieces.take(MOST_PIECES) {
        set(&mut headers, &piece(name, count), &part, age);
        count += 1;
    }
    // A shorter value than before must not be read with the end of the longer one.
    if count < MOST_PIECES {
        set(&mut headers, &piece(name, count), "", time::Duration::ZERO);
    }
    headers
}

fn open<T: DeserializeOwned>(services: &Services, headers: &HeaderMap, name: &str) -> Option<T> {
    let sealed: String = (0..MOST_PIECES).map_while(|index| find(headers, &piece(name, index))).collect();
    let (sealed_for, value): (String, T) = services.vault.open_value(Purpose::Demo, &sealed)?;
    (sealed_for == name).then_some(value)
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
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
