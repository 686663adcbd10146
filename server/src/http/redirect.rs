//! Sending a browser on.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    response::{IntoResponse, Response},
};
use url::Url;

/// 303, so that a POST is never repeated there, to one of our own addresses, or to one that was checked: a registered
/// one, a provider's page. One that was registered with letters of any script is written as browsers write it (a header
/// holds ASCII: RFC 9110, section 5.5); what no header can hold leads home.
pub fn see_other(location: &str) -> Response {
    let ascii = match location.is_ascii() {
        true => Some(location.to_owned()),
        false => Url::parse(location).ok().map(String::from),
    };
    let location = ascii.and_then(|location| HeaderValue::from_str(&location).ok());
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(LOCATION, location.unwrap_or(HeaderValue::from_static("/")));
    (StatusCode::SEE_OTHER, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_ascii_in_a_header() {
        for (to, written) in [
            ("/sign-in?x=%22", "/sign-in?x=%22"),
            ("https://a.example/\"<>?code=1", "https://a.example/\"<>?code=1"),
            ("https://b\u{fc}cher.example/\u{fc}?code=1", "https://xn--bcher-kva.example/%C3%BC?code=1"),
            ("/\u{fc}", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(see_other(to).headers()[LOCATION], written, "{to}");
        }
    }
}
