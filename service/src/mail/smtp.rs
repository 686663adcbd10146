//! Mails by SMTP.

use std::time::Duration;

use async_trait::async_trait;
use domain::Secret;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::{Host, Url};
use uuid::Uuid;

use super::{Failure, Mailer};
use crate::{Error, Result};

/// How long the server may take for each of its answers.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The address of a mail server with the account there: `smtps://user:password@host:465`, or
/// `smtp://user:password@host:587?tls=required` for STARTTLS. Without TLS only on this machine.
#[derive(Clone, Debug)]
pub struct SmtpUrl(Secret);

impl SmtpUrl {
    /// # Errors
    /// A sentence when it is no such address.
    pub fn parse(url: &Secret) -> Result<Self, String> {
        let form = "must be smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587?tls=required";
        let parsed = Url::parse(url.expose()).map_err(|_| form.to_owned())?;
        let local = match parsed.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(form.into()),
        };
        match (parsed.scheme(), parsed.query()) {
            ("smtps", None) | ("smtp", Some("tls=required")) => {}
            // The account and every link would travel in the clear. To url, the hosts of foreign schemes are names.
            ("smtp", None) if local || parsed.host_str().is_some_and(is_loopback) => {}
            ("smtp", None) => return Err("needs TLS outside this machine: smtps://, or ?tls=required".into()),
            _ => return Err(form.into()),
        }
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose()).map_err(|_| form.to_owned())?;
        Ok(Self(url.clone()))
    }

    /// Scheme, host and port, without the account.
    pub fn server(&self) -> String {
        let url = Url::parse(self.0.expose()).ok();
        let port = |url: &Url| url.port().map(|port| format!(":{port}")).unwrap_or_default();
        url.map(|url| format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), port(&url)))
            .unwrap_or_default()
    }
}

fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// See the module.
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// # Errors
    /// When the URL cannot be used.
    pub fn new(url: &SmtpUrl) -> Result<Self> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.0.expose()).map_err(Error::internal)?;
        Ok(Self(builder.timeout(Some(TIMEOUT)).build()))
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, _: Uuid, message: &Message) -> Result<(), Failure> {
        match self.0.send(message.clone()).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Failure::Never(error.into())),
            Err(error) => Err(Failure::Later(error.into())),
        }
    }

    fn leaves(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_machine_in_the_clear() {
        let parse = |url: &str| SmtpUrl::parse(&Secret::new(url));
        for good in [
            "smtps://user:p%40ss@mail.example:465",
            "smtps://mail.example",
            "smtp://user:pass@mail.example:587?tls=required",
            "smtp://127.0.0.1:1025",
            "smtp://localhost",
            "smtp://[::1]:1025",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "mail.example",
            "https://mail.example",
            "smtp://user:pass@mail.example",
            "smtp://mail.example?tls=opportunistic",
            "smtps://",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let url = parse("smtps://user:hidden@mail.example:465").unwrap();
        assert_eq!(url.server(), "smtps://mail.example:465");
        assert!(!format!("{url:?}").contains("hidden"));
    }
}
