//! Headers that may come once (RFC 9110, section 5.3).

use axum::http::{HeaderMap, HeaderName};

/// The value of such a header: empty when it comes more often or is no text, so that nothing can be read from it.
pub fn sole(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    Some(if all.next().is_none() { first.to_str().unwrap_or_default() } else { "" })
}
