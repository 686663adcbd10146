//! Resources: the APIs that access tokens may be for (RFC 8707).

use crate::{Flaw, text::text};

/// The longest address, in bytes.
const LONGEST: usize = 512;

text!(
    /// The address of an API that takes an application's access tokens: an absolute URI of at most 512 bytes without a
    /// fragment (RFC 8707, section 2). It is compared to the letter.
    Resource,
    |text| {
        let uri = url::Url::parse(text).map_err(|_| Flaw::Uri)?;
        if uri.fragment().is_some() {
            return Err(Flaw::Fragment);
        }
        let odd = |c: char| c.is_control() || matches!(c, ' ' | '*');
        if text.len() > LONGEST || text.contains(odd) {
            return Err(Flaw::PlainUri { max: LONGEST });
        }
        Ok(text.to_owned())
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_absolute_uris() {
        for good in ["https://api.example", "https://api.example/v1?x=y", "urn:example:api", "com.example.api:/"] {
            assert_eq!(Resource::parse(good).unwrap().as_str(), good);
        }
        let long = format!("https://api.example/{}", "x".repeat(500));
        for (bad, flaw) in [
            ("", Flaw::Uri),
            ("api", Flaw::Uri),
            ("/v1", Flaw::Uri),
            // Never the id of a user, nor of another application.
            ("0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f", Flaw::Uri),
            ("https://api.example/#v1", Flaw::Fragment),
            ("https://api.example/*", Flaw::PlainUri { max: 512 }),
            ("https://api.example/a b", Flaw::PlainUri { max: 512 }),
            (" https://api.example/", Flaw::PlainUri { max: 512 }),
            (long.as_str(), Flaw::PlainUri { max: 512 }),
        ] {
            assert_eq!(Resource::parse(bad), Err(flaw), "{bad}");
        }
    }
}
