//! What a request itself says about who asks (RFC 9110, section 11.6.2).

use axum::http::{HeaderMap, header::AUTHORIZATION};

use super::sole::sole;

/// What an `Authorization` header shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// The token of `Bearer` (RFC 6750, section 2.1).
    Bearer(&'a str),
    /// The token of `DPoP`, which is bound to a key (RFC 9449, section 7.1).
    Dpop(&'a str),
    /// The whole header of another scheme, such as Basic; empty where it comes more than once or is no text.
    Other(&'a str),
}

impl<'a> Shown<'a> {
    /// `None` without such a header.
    pub fn of(headers: &'a HeaderMap) -> Option<Self> {
        let header = sole(headers, AUTHORIZATION)?;
        Some(match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Self::Bearer(token.trim()),
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => Self::Dpop(token.trim()),
            _ => Self::Other(header),
        })
    }

    /// Whether it is an access token, good or not.
    pub const fn is_token(self) -> bool {
        matches!(self, Self::Bearer(_) | Self::Dpop(_))
    }

    /// The token, if it is one that whoever holds it may show.
    pub const fn bearer(self) -> Option<&'a str> {
        match self {
            Self::Bearer(token) => Some(token),
            Self::Dpop(_) | Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_has_no_case_and_a_header_comes_once() {
        let of = |lines: &[&str]| {
            let headers = lines.iter().map(|line| (AUTHORIZATION, line.parse().unwrap())).collect();
            Shown::of(&headers).map(|shown| format!("{shown:?}"))
        };
        let shown = |shown: Shown<'_>| Some(format!("{shown:?}"));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["Bearer abc"]), shown(Shown::Bearer("abc")));
        assert_eq!(of(&["bearer  abc"]), shown(Shown::Bearer("abc")));
        assert_eq!(of(&["DPoP abc"]), shown(Shown::Dpop("abc")));
        assert_eq!(of(&["Basic YTpi"]), shown(Shown::Other("Basic YTpi")));
        assert_eq!(of(&["Bearer"]), shown(Shown::Other("Bearer")));
        assert_eq!(of(&["Bearer abc", "Bearer abc"]), shown(Shown::Other("")));
    }
}
