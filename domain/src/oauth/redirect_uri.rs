//! Redirect URIs: matched exactly, except for the port of a loopback address (RFC 8252, section 7.3).

use serde::{Deserialize, Serialize};

use crate::{Flaw, text::text};

/// The longest in bytes.
const MAX: usize = 2048;
/// The parameters of authorization responses (RFC 6749, section 4.1.2; RFC 9207).
const OF_ANSWERS: [&str; 6] = ["code", "state", "iss", "error", "error_description", "error_uri"];

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
        // Without them browsers would take it for a path of the page that sends them there.
        let slashes = text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
        match url.scheme() {
            "https" | "http" if !slashes => return Err(Flaw::Uri),
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
    /// Whether a client may take it on: with a parameter of answers in its query that would come twice (RFC 6749,
    /// section 3.1). One that is stored goes on working.
    ///
    /// # Errors
    /// The parameter.
    pub fn check(&self) -> Result<(), Flaw> {
        let url = url::Url::parse(self.as_str()).map_err(|_| Flaw::Uri)?;
        let taken = url.query_pairs().find_map(|(name, _)| OF_ANSWERS.into_iter().find(|own| *own == name));
        taken.map_or(Ok(()), |name| Err(Flaw::Parameter(name.into())))
    }

    /// Whether an authorization request may name `asked` when this one is registered: the same text, or the same but
    /// for the port where the host is 127.0.0.0/8, `[::1]` or `localhost`.
    pub fn matches(&self, asked: &str) -> bool {
        let own = around_port(self.as_str());
        self.as_str() == asked || (own.is_some() && own == around_port(asked))
    }

    /// Where `text` leads, for people to read: the host, or the scheme of an app's own with its colon.
    pub fn destination(text: &str) -> String {
        // Whoever has the scheme gets it, whatever stands where a host would.
        let place = url::Url::parse(text).map(|url| match url.scheme() {
            "https" | "http" => url.host_str().unwrap_or_default().to_owned(),
            scheme => format!("{scheme}:"),
        });
        place.unwrap_or_default()
    }

    /// Whether `text` leads to a program on the user's own device: by a loopback address, or by an app's own scheme.
    pub fn is_on_device(text: &str) -> bool {
        url::Url::parse(text).is_ok_and(|url| url.scheme() != "https" && (url.scheme() != "http" || is_loopback(&url)))
    }

    /// Whether a page of `issuer` that leads to `text` leads back to the issuer's own origin, as browsers read it.
    pub fn leads_to(text: &str, issuer: &str) -> bool {
        let issuer = url::Url::parse(issuer);
        issuer.is_ok_and(|issuer| issuer.join(text).is_ok_and(|url| url.origin() == issuer.origin()))
    }

    /// The origin (`https://app.example`), for CORS; `None` for private schemes.
    pub fn origin(&self) -> Option<String> {
        let origin = url::Url::parse(self.as_str()).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// What stands before and after the port of a URI with `http`; a registered one of those is on loopback. Nothing is
/// normalised: another way of writing the same is another URI.
fn around_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok();
    let host = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
    Some((host, path))
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
        assert!(uri.matches("http://127.0.0.1/callback"));
        for (own, asked) in [
            ("http://localhost/callback", "http://localhost:9300/callback"),
            ("http://[::1]/callback", "http://[::1]:9300/callback"),
            ("http://[::1]:1", "http://[::1]"),
            ("http://127.0.0.1:1?x=:2", "http://127.0.0.1:3?x=:2"),
        ] {
            assert!(RedirectUri::parse(own).unwrap().matches(asked), "{asked}");
        }
        for bad in [
            "http://127.0.0.1:9300/callback/",
            "http://127.0.0.1:9300/callback?x=1",
            "https://127.0.0.1:9300/callback",
            "http://127.0.0.2:9300/callback",
            "http://localhost:9300/callback",
            "http://[::1]:9300/callback",
            "http://evil.example:9300/callback",
            "http://127.0.0.1:9300/callback#x",
            // The same to a parser of URLs.
            "http://127.0.0.1:1/x/../callback",
            "http://127.0.0.1:9300\\callback",
            "http://127.1:9300/callback",
            "http://2130706433:9300/callback",
            "http:127.0.0.1:9300/callback",
            "HTTP://127.0.0.1:9300/callback",
            "http://@127.0.0.1:9300/callback",
            "http://127.0.0.1:/callback",
            // Not what it looks like.
            "http://127.0.0.1:+1/callback",
            "http://127.0.0.1:65536/callback",
            "http://127.0.0.1:1@evil.example/callback",
        ] {
            assert!(!uri.matches(bad), "{bad}");
        }
        assert!(!RedirectUri::parse("https://app.example/cb").unwrap().matches("https://app.example:444/cb"));
    }

    #[test]
    fn refuses_what_cannot_be_safe() {
        for bad in [
            "http://app.example/cb",
            "http://localhost.evil.example/cb",
            "http://evil-localhost/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://10.0.0.1/cb",
            "http://192.168.1.1/cb",
            "http://[::2]/cb",
            "https://a/#f",
            "https://a/#",
            "https://user@a/cb",
            "https://user:word@a/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "/cb",
            "//a.example/cb",
            "https://*.a.example/",
            "https://a.example/*",
            "app:/cb",
            // Browsers would read a path of the page that leads there.
            "https:a.example/cb",
            "https:/cb",
            "http:localhost/cb",
            "http:/127.0.0.1/../cb",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
        for good in ["com.example.app:/cb", "HTTPS://A.example/CB", "https://a.example/cb?tenant=code&State=1"] {
            assert_eq!(RedirectUri::parse(good).unwrap().check(), Ok(()), "{good}");
        }
        for (taken, name) in [
            ("https://a.example/cb?code=1", "code"),
            ("https://a.example/cb?tenant=1&state", "state"),
            ("com.example.app:/cb?i%73s=https://a.example", "iss"),
            ("http://127.0.0.1/cb?error_uri=", "error_uri"),
        ] {
            let stored = RedirectUri::parse(taken).unwrap();
            assert_eq!(stored.check(), Err(Flaw::Parameter(name.into())), "{taken}");
        }
    }

    #[test]
    fn the_issuers_own_pages_are_known_by_how_browsers_read() {
        let issuer = "https://id.example";
        for own in [
            "https://id.example/sign-out",
            "HTTPS://ID.EXAMPLE:443/x",
            "https:/sign-out",
            "https:sign-out",
            "https:/id.example/../x",
            "https://id.example",
        ] {
            assert!(RedirectUri::leads_to(own, issuer), "{own}");
        }
        for other in ["https://app.example/cb", "https://id.example:8443/", "http://id.example/", "com.example.app:/cb"]
        {
            assert!(!RedirectUri::leads_to(other, issuer), "{other}");
        }
        assert!(RedirectUri::leads_to("http:/127.0.0.1/../x", "http://127.0.0.1:8080"));
        assert!(!RedirectUri::leads_to("http://127.0.0.1:9300/cb", "http://127.0.0.1:8080"));
    }

    #[test]
    fn people_read_where_an_answer_goes() {
        assert_eq!(RedirectUri::destination("https://app.example:8443/cb"), "app.example");
        for own in ["com.example.app:/cb", "com.example.app://bank.example/cb"] {
            assert_eq!(RedirectUri::destination(own), "com.example.app:");
        }
    }
}
