//! The configuration: `turnpike.toml`, then `TURNPIKE_*` variables, then flags. An unknown key is an error.

mod check;
mod file;
mod load;
mod secret_key;

use std::{net::SocketAddr, path::PathBuf};

use domain::{
    Secret,
    identity::{email::Email, password::Password},
};
use service::db::DatabaseUrl;

use crate::http::peer::Network;
pub use file::{LogFormat, LogSection};
pub use load::{Flags, load};
pub use secret_key::secret_key;

/// What is wrong with the configuration: one sentence per line, each with the key at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// A configuration that can be used.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: Listen,
    /// The issuer, where it is set; otherwise it follows from the address that is listened on.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    pub data_dir: PathBuf,
    pub database: DatabaseUrl,
    /// Where it is missing, [`secret_key`] reads or makes the file of the data directory.
    pub secret_key: Option<Secret>,
    pub first_admin: Option<FirstAdmin>,
    pub services: service::Settings,
    pub log: LogSection,
}

/// Who becomes superadmin at start, unless the address is in use.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    pub email: Email,
    pub password: Password,
}

/// An address to listen on; port 0 means any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl Listen {
    /// Whether only this machine can connect.
    pub fn is_local(self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }
}

/// An origin: `https://id.example`, or `http` on a loopback host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    local: bool,
}

impl PublicUrl {
    /// # Errors
    /// A sentence when `text` is no such URL.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text).map_err(|_| "must be a URL such as https://id.example")?;
        let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
        if !plain || url.query().is_some() || url.fragment().is_some() {
            return Err("must have scheme, host and port only, such as https://id.example".into());
        }
        let local = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err("must be https; http is for localhost only".into()),
            _ => return Err("must be https, or http on localhost".into()),
        }
        Ok(Self { text: url.origin().ascii_serialization(), local })
    }

    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the server is for this machine's own browsers.
    pub const fn is_local(&self) -> bool {
        self.local
    }
}

impl Config {
    /// Whether the server is for this machine only: what is refused for everybody else is allowed then.
    pub fn is_local(&self) -> bool {
        self.public_url.as_ref().map_or_else(|| self.listen.is_local(), PublicUrl::is_local)
    }

    /// The issuer of a server that listens on `bound`.
    pub fn issuer(&self, bound: SocketAddr) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{bound}"), |url| url.as_str().to_owned())
    }
}
