//! Redirect URIs: matched exactly, except for the port of a loopback address (RFC 8252, section 7.3).

use serde::{Deserialize, Serialize};

use crate::{Flaw, text::text};

/// The longest in bytes.
const MAX: usize = 2048;

text!(
    /// An absolute URI without a fragment. `http` only on loopback; private schemes (`com.example.app:/cb`) for
    /// native clients.
    RedirectUri,
    |text| {
        let url = url::Url::parse(text).map_err(|_| Flaw::Uri)?;
        if text.len() > MAX || text.contains(['*', '\\']) || text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(Flaw::PlainUri { max: MAX });
        }
        if url.fragment().is_some() {
            return Err(Flaw::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Flaw::UserInformation);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(Flaw::Https),
            "javascript" | "data" | "file" | "vbscript" | "blob" | "about" => return Err(Flaw::Scheme),
            scheme if scheme.contains('.') => {}
            _ => return Err(Flaw::PrivateScheme),
        }
        Ok(text.to_owned())
    }
);

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl RedirectUri {
    /// Whether an authorization request may name `asked` when this one is registered: the same text, or the same
    /// URI on another port of a loopback IP address.
    pub fn matches(&self, asked: &str) -> bool {
        if self.as_str() == asked {
            return true;
        }
        let (Ok(mut own), Ok(mut asked)) = (
            url::Url::parse(self.as_str()),
            Self::parse(asked).and_then(|uri| url::Url::parse(uri.as_str()).map_err(|_| Flaw::Uri)),
        ) else {
            return false;
        };
        let loopback = |url: &url::Url| url.scheme() == "http" && is_loopback(url);
        loopback(&own) && loopback(&asked) && own.set_port(None).is_ok() && asked.set_port(None).is_ok() && own == asked
    }

    /// The origin (`https://app.example`), for CORS; `None` for private schemes.
    pub fn origin(&self) -> Option<String> {
        let origin = url::Url::parse(self.as_str()).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// A list of redirect URIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUris(pub Vec<RedirectUri>);

impl RedirectUris {
    pub fn allow(&self, asked: &str) -> bool {
        self.0.iter().any(|uri| uri.matches(asked))
    }

    /// Whether `asked` is registered to the letter, as logout wants it.
    pub fn has(&self, asked: &str) -> bool {
        self.0.iter().any(|uri| uri.as_str() == asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_loopback_varies() {
        let uri = RedirectUri::parse("http://127.0.0.1:9300/callback").unwrap();
        assert!(uri.matches("http://127.0.0.1:9300/callback"));
        assert!(uri.matches("http://127.0.0.1:1/callback"));
        for bad in [
            "http://127.0.0.1:9300/callback/",
            "http://127.0.0.1:9300/callback?x=1",
            "https://127.0.0.1:9300/callback",
            "http://127.0.0.2:9300/callback",
            "http://evil.example:9300/callback",
            "http://127.0.0.1:9300/callback#x",
        ] {
            assert!(!uri.matches(bad), "{bad}");
        }
        assert!(!RedirectUri::parse("https://app.example/cb").unwrap().matches("https://app.example:444/cb"));
    }

    #[test]
    fn refuses_what_cannot_be_safe() {
        for bad in
            ["http://app.example/cb", "https://a/#f", "javascript:alert(1)", "/cb", "https://*.a.example/", "app:/cb"]
        {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
        assert!(RedirectUri::parse("com.example.app:/cb").is_ok());
    }
}
