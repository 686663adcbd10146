//! Calls to Midtrans. What is safe to repeat is repeated once when its answer does not come; what still fails is
//! left to the caller's own schedule.

use std::{sync::OnceLock, time::Duration};

use domain::{ErrorCode, Problem, Secret, billing::payment::Mode};
use reqwest::{Client, Method, header};
use serde_json::Value;

use crate::{Error, Result, Settings, payment::unanswered};

const CONNECT: Duration = Duration::from_secs(5);

/// The connections to Midtrans, made when the first call needs them.
#[derive(Default)]
pub struct Connections(OnceLock<Client>);

impl Connections {
    fn client(&self, settings: &Settings) -> Result<&Client> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .timeout(settings.provider_timeout)
            .connect_timeout(CONNECT.min(settings.provider_timeout))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("turnpike/", env!("CARGO_PKG_VERSION")));
        if settings.midtrans_url.is_some() {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(Error::internal)?;
        Ok(self.0.get_or_init(|| client))
    }
}

/// Why a call gave no answer that means anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("Midtrans did not answer")]
    Silent(#[source] reqwest::Error),
    #[error("Midtrans answered {0}")]
    Down(u16),
    #[error("Midtrans refused: {code} {message}")]
    Refused { code: u16, message: String },
}

/// One call.
pub(super) struct Call<'a> {
    pub method: Method,
    pub path: String,
    pub body: Option<&'a Value>,
    /// Names the call, so that it can be repeated.
    pub idempotency_key: Option<String>,
    pub notify: Option<&'a str>,
    /// Whether twice is as once.
    pub repeats: bool,
}

impl Call<'_> {
    pub(super) fn get(path: String) -> Self {
        Call { method: Method::GET, path, body: None, idempotency_key: None, notify: None, repeats: true }
    }
}

impl<'a> Call<'a> {
    pub(super) fn post(path: String, body: &'a Value) -> Self {
        Call { method: Method::POST, body: Some(body), repeats: false, ..Call::get(path) }
    }
}

/// What Midtrans says: the code is the body's where it has one, HTTP's otherwise.
#[derive(Debug)]
pub(super) struct Answer {
    pub code: u16,
    pub body: Value,
    /// Whether the call was made once only: nothing is under way that has not answered.
    pub is_first: bool,
}

impl Answer {
    /// An answer that was not expected, as an error.
    pub(super) fn refused(&self) -> Error {
        let message = match (&self.body["status_message"], &self.body["error_messages"]) {
            (Value::Null, messages) => messages.to_string(),
            (message, _) => format!("{message} {}", self.body["validation_messages"]),
        };
        Error::internal(Trouble::Refused { code: self.code, message })
    }
}

/// An account, as calls see it.
pub(super) struct Api<'a> {
    client: &'a Client,
    key: &'a Secret,
    snap: &'a str,
    core: &'a str,
}

impl<'a> Api<'a> {
    pub(super) fn new(
        connections: &'a Connections,
        settings: &'a Settings,
        key: &'a Secret,
        mode: Mode,
    ) -> Result<Self> {
        let (snap, core) = match (&settings.midtrans_url, mode) {
            (Some(url), _) => (url.as_str(), url.as_str()),
            (None, Mode::Test) => ("https://app.sandbox.midtrans.com", "https://api.sandbox.midtrans.com"),
            (None, Mode::Live) => ("https://app.midtrans.com", "https://api.midtrans.com"),
        };
        Ok(Self { client: connections.client(settings)?, key, snap, core })
    }

    /// # Errors
    /// `AUTH_003` when the key is wrong, `SRV_003` when nothing comes back that means anything.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer> {
        let first = self.once(&call).await;
        let answer = match first {
            Err(Trouble::Silent(_) | Trouble::Down(500..)) if call.repeats => {
                self.once(&call).await.map(|answer| Answer { is_first: false, ..answer })
            }
            other => other,
        };
        let answer = answer.map_err(|trouble| unanswered(&trouble))?;
        if answer.code == 401 {
            return Err(Problem::new(ErrorCode::BadCredentials, "Midtrans does not know this server key").into());
        }
        Ok(answer)
    }

    async fn once(&self, call: &Call<'_>) -> Result<Answer, Trouble> {
        let host = if call.path.starts_with("/snap/") { self.snap } else { self.core };
        let mut request = self
            .client
            .request(call.method.clone(), format!("{host}{}", call.path))
            .basic_auth(self.key.expose(), Some(""))
            .header(header::ACCEPT, "application/json");
        if let Some(body) = call.body {
            request = request.json(body);
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(url) = call.notify {
            request = request.header("X-Override-Notification", url);
        }
        let response = request.send().await.map_err(Trouble::Silent)?;
        let status = response.status().as_u16();
        // 202 as HTTP's code: the call of the same name is still being worked on.
        if status == 202 || status == 429 || status >= 500 {
            return Err(Trouble::Down(status));
        }
        let body: Value = response.json().await.map_err(Trouble::Silent)?;
        let code = body["status_code"].as_str().and_then(|code| code.parse().ok()).unwrap_or(status);
        if code == 429 || code >= 500 { Err(Trouble::Down(code)) } else { Ok(Answer { code, body, is_first: true }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_says_which_hosts() {
        let (connections, mut settings, key) = (Connections::default(), Settings::new("https://x"), Secret::new("k"));
        let hosts = |settings: &Settings, mode| {
            let api = Api::new(&connections, settings, &key, mode).unwrap();
            (api.snap.to_owned(), api.core.to_owned())
        };
        let live = hosts(&settings, Mode::Live);
        assert_eq!(live, ("https://app.midtrans.com".into(), "https://api.midtrans.com".into()));
        let test = hosts(&settings, Mode::Test);
        assert!(test.0.contains("sandbox") && test.1.contains("sandbox"), "{test:?}");
        settings.midtrans_url = Some("http://127.0.0.1:1".into());
        assert_eq!(hosts(&settings, Mode::Live).0, "http://127.0.0.1:1");
    }
}
