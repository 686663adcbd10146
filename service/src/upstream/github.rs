//! GitHub, which says who somebody is in its API.

use domain::{
    identity::{email::Email, upstream::Subject},
    oauth::client_keys::ClientUri,
    text::Name,
};
use oauth2::AuthType;
use serde::Deserialize;

use super::{
    Person,
    arrive::Failure,
    discovery::{Endpoints, Source, Undiscovered},
};
use crate::{Services, outbound::Unreached};

const SITE: &str = "https://github.com";
const API: &str = "https://api.github.com";

#[derive(Deserialize)]
struct Account {
    /// It never changes; the login does.
    id: u64,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl Services {
    /// GitHub's endpoints, which have always been the same.
    ///
    /// # Errors
    /// When a test puts it at an address that is none.
    pub(super) fn github(&self) -> Result<Endpoints, Undiscovered> {
        let (site, api) = match &self.settings.github_url {
            Some(url) => (url.as_str(), format!("{url}/api")),
            None => (SITE, API.to_owned()),
        };
        let uri = |path: &str| {
            ClientUri::parse(&format!("{site}/login/oauth/{path}"))
                .map_err(|flaw| Undiscovered::Malformed(serde::de::Error::custom(flaw)))
        };
        Ok(Endpoints {
            authorize: uri("authorize")?,
            token: uri("access_token")?,
            auth: AuthType::RequestBody,
            source: Source::GitHub(api),
        })
    }

    /// Whose access token it is.
    ///
    /// # Errors
    /// When GitHub does not answer, or in a way that cannot be read.
    pub(super) async fn github_person(&self, api: &str, token: &str) -> Result<Person, Failure> {
        let account: Account = self.github_asked(&format!("{api}/user"), token).await?;
        let addresses: Vec<Address> = self.github_asked(&format!("{api}/user/emails"), token).await?;
        let primary = addresses.into_iter().find(|address| address.primary);
        let verified = primary.as_ref().is_some_and(|address| address.verified);
        Ok(Person {
            subject: Subject::parse(&account.id.to_string()).map_err(|_| Failure::Untrusted("no id of an account"))?,
            email: primary.and_then(|address| Email::parse(&address.email).ok()),
            email_verified: verified,
            name: account.name.and_then(|name| Name::parse(&name).ok()),
            authenticated_at: None,
        })
    }

    async fn github_asked<T: serde::de::DeserializeOwned>(&self, url: &str, token: &str) -> Result<T, Failure> {
        let body = self.fetch_as(url, token).await.map_err(|error| match error {
            Unreached::Status(400..500) => Failure::Untrusted("GitHub refuses its own access token"),
            _ => Failure::Unavailable,
        })?;
        serde_json::from_slice(&body).map_err(|_| Failure::Untrusted("an answer of GitHub's API cannot be read"))
    }
}
