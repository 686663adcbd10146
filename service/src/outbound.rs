//! Requests that this server makes to addresses which clients and admins chose: short, small, never redirected, and
//! only to the public internet unless the operator allows more (server-side request forgery).

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, RequestBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
};
use url::Host;

use crate::{Services, Settings};

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(5);
/// The largest document that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// The connections, made when the first request needs them.
#[derive(Default)]
pub(crate) struct Outbound(OnceLock<Client>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    /// Not told apart from a name that nobody has: whoever chose it learns nothing of the networks around this server.
    #[error("there is no such address on the public internet")]
    Private,
    #[error("no answer")]
    Silent(#[source] reqwest::Error),
    #[error("the answer has the status {0}")]
    Status(u16),
    #[error("the answer is too large")]
    TooLarge,
}

impl Unreached {
    /// Whether it says nothing about what lies there: nobody answered, or only that it does not work now.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Silent(_) | Self::Status(408 | 429 | 500..))
    }
}

impl From<reqwest::Error> for Unreached {
    /// What was asked is left out: its query may be a secret, and this goes into logs.
    fn from(error: reqwest::Error) -> Self {
        Self::Silent(error.without_url())
    }
}

/// An address as it is shown to people: without what may be secret in it.
pub(crate) fn shown(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

impl Services {
    fn outbound_client(&self) -> reqwest::Result<&Client> {
        if let Some(client) = self.outbound.0.get() {
            return Ok(client);
        }
        let client = client(&self.settings)?;
        Ok(self.outbound.0.get_or_init(|| client))
    }

    /// Gets a small document.
    ///
    /// # Errors
    /// See [`Unreached`].
    pub(crate) async fn fetch(&self, url: &str) -> Result<Vec<u8>, Unreached> {
        self.exchange(url, LARGEST, |client| client.get(url).header("accept", "application/json")).await
    }

    /// Gets a picture of at most `most` bytes.
    ///
    /// # Errors
    /// See [`Unreached`].
    pub(crate) async fn fetch_picture(&self, url: &str, most: usize) -> Result<Vec<u8>, Unreached> {
        let accept = "image/webp, image/png, image/jpeg, image/gif";
        self.exchange(url, most, |client| client.get(url).header("accept", accept)).await
    }

    /// Posts a form. What is answered besides a status of success does not matter, and is not read.
    ///
    /// # Errors
    /// See [`Unreached`].
    pub(crate) async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<(), Unreached> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request =
            |client: &Client| client.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        succeeded(self.ask(url, request).await?).map(drop)
    }

    /// Posts JSON, with headers besides. Answers the status, whichever it is, and the beginning of the answer: `most`
    /// bytes at most. The rest is not read, and an answer that breaks off is one all the same.
    ///
    /// # Errors
    /// See [`Unreached`].
    pub(crate) async fn post_json(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: String,
        most: usize,
    ) -> Result<(u16, Vec<u8>), Unreached> {
        let request = |client: &Client| {
            let request = client.post(url).header("content-type", "application/json").body(body);
            headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
        };
        let mut response = self.ask(url, request).await?;
        let mut beginning = Vec::new();
        while beginning.len() < most
            && let Ok(Some(part)) = response.chunk().await
        {
            beginning.extend_from_slice(&part);
        }
        beginning.truncate(most);
        Ok((response.status().as_u16(), beginning))
    }

    /// Gets a small document with an access token.
    ///
    /// # Errors
    /// See [`Unreached`].
    pub(crate) async fn fetch_as(&self, url: &str, token: &str) -> Result<Vec<u8>, Unreached> {
        let accept = "application/json";
        self.exchange(url, LARGEST, |client| client.get(url).header("accept", accept).bearer_auth(token)).await
    }

    /// Sends a request of the `oauth2` crate, which reads answers that refuse it.
    ///
    /// # Errors
    /// See [`Unreached`]; a status of 500 or more is no answer.
    pub(crate) async fn send(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Unreached> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let sent = self.ask(&url, |client| client.request(parts.method, &url).headers(parts.headers).body(body));
        let response = sent.await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_server_error() {
            return Err(Unreached::Status(status.as_u16()));
        }
        let mut answer = oauth2::HttpResponse::new(read(response, LARGEST).await?);
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        Ok(answer)
    }

    async fn exchange(
        &self,
        url: &str,
        most: usize,
        request: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Vec<u8>, Unreached> {
        read(succeeded(self.ask(url, request).await?)?, most).await
    }

    async fn ask(&self, url: &str, request: impl FnOnce(&Client) -> RequestBuilder) -> Result<Response, Unreached> {
        if !self.settings.private_targets && !is_public_url(url) {
            return Err(Unreached::Private);
        }
        Ok(request(self.outbound_client()?).send().await?)
    }
}

/// The connections as these settings want them.
fn client(settings: &Settings) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .timeout(WHOLE.min(settings.provider_timeout))
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("turnpike/", env!("CARGO_PKG_VERSION")));
    if !settings.private_targets {
        builder = builder.dns_resolver(Arc::new(PublicOnly));
    }
    builder.build()
}

fn succeeded(response: Response) -> Result<Response, Unreached> {
    let status = response.status();
    if status.is_success() { Ok(response) } else { Err(Unreached::Status(status.as_u16())) }
}

async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, Unreached> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > most {
            return Err(Unreached::TooLarge);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// An address in numbers is not resolved, so that it is judged before; a name is judged when it is resolved.
pub(crate) fn is_public_url(url: &str) -> bool {
    match url::Url::parse(url).ok().as_ref().and_then(url::Url::host) {
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        None => false,
    }
}

/// Resolves names as the machine does, and leaves out what is not public.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unreached::Private)?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(Unreached::Private.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet (RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let reserved = a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && (b == 18 || b == 19));
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || shared
                || reserved)
        }
        IpAddr::V6(ip) => {
            // Global unicast is 2000::/3; of it, documentation and the ways to embed an IPv4 address are left out.
            let [a, b, ..] = ip.segments();
            let embedded = a == 0x2002 || (a == 0x2001 && b == 0);
            (a & 0xe000) == 0x2000 && !embedded && !(a == 0x2001 && b == 0x0db8)
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_leads_nowhere() {
        assert!(tokio::net::lookup_host(("localhost", 0)).await.unwrap().next().is_some(), "it would be found");
        assert!(PublicOnly.resolve("localhost".parse().unwrap()).await.is_err());
    }

    /// It is the connections that judge it: most names say nothing beforehand.
    #[tokio::test]
    async fn a_name_of_this_machine_is_asked_where_the_operator_allows_it() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        for private_targets in [false, true] {
            let settings = Settings { private_targets, ..Settings::new("http://127.0.0.1:8080") };
            let asking = client(&settings).unwrap().get(&url).send();
            let is_asked = tokio::select! {
                _ = listener.accept() => true,
                answer = asking => answer.is_ok(),
            };
            assert_eq!(is_asked, private_targets);
        }
    }

    #[test]
    fn knows_what_is_public() {
        for public in ["8.8.8.8", "2606:4700::1111", "172.15.0.1", "100.63.0.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "10.0.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "192.168.1.1",
            "172.16.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        assert!(is_public_url("https://app.example/x"));
        for private in ["http://127.1/", "https://[::1]/", "http://localhost:9/", "http://2130706433/", "mailto:x"] {
            assert!(!is_public_url(private), "{private}");
        }
    }
}
