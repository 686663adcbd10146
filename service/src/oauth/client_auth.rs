//! Who the client is (RFC 6749, sections 2.3 and 3.2.1): client_secret_basic, client_secret_post, private_key_jwt,
//! or none for public clients. Secrets are random, so that one SHA-256 tells them; no database is asked.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Timestamp, oauth::error::OAuthError};

use super::{Failure, assertion};
use crate::{
    Result, Services, crypto,
    directory::ClientEntry,
    identity::attempts::Network,
    security_log::{Event, Reason},
};

/// What a request says about its client.
#[derive(Clone, Copy, Default)]
pub struct PresentedCredentials<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// Both of the body.
    pub client_id: Option<&'a str>,
    pub client_secret: Option<&'a str>,
    /// `client_assertion_type` and `client_assertion`.
    pub assertion_type: Option<&'a str>,
    pub assertion: Option<&'a str>,
    /// The peer's address, for limits and the security log.
    pub address: Option<&'a str>,
}

/// See the module.
pub struct ClientAuth<'a>(&'a Services);

impl Services {
    pub const fn client_auth(&self) -> ClientAuth<'_> {
        ClientAuth(self)
    }
}

impl ClientAuth<'_> {
    /// The client that a request comes from: a confidential one that proved it, or a public one that says so.
    ///
    /// # Errors
    /// `invalid_request` for two methods at once, `invalid_client` for everything else that does not fit; `RATE_001`
    /// after too many wrong proofs of the client from a network, or too many calls without any.
    pub async fn authenticate(&self, presented: &PresentedCredentials<'_>) -> Result<Arc<ClientEntry>, Failure> {
        let found = self.find(presented).await;
        let proved = found.as_ref().is_ok_and(|entry| !entry.client.is_public());
        if !proved {
            self.0.pace_unproved(Network::of(presented.address))?;
        }
        found
    }

    async fn find(&self, presented: &PresentedCredentials<'_>) -> Result<Arc<ClientEntry>, Failure> {
        let Some(assertion) = presented.assertion else { return self.without_assertion(presented) };
        if presented.authorization.is_some() || presented.client_secret.is_some() {
            return Err(OAuthError::invalid_request("use one method of client authentication").into());
        }
        if presented.assertion_type != Some(assertion::TYPE) {
            return Err(invalid("client_assertion_type is not supported").into());
        }
        assertion::authenticate(self.0, assertion, presented.client_id, presented.address).await
    }

    fn without_assertion(&self, presented: &PresentedCredentials<'_>) -> Result<Arc<ClientEntry>, Failure> {
        let address = presented.address;
        if let Some(header) = presented.authorization {
            if presented.client_secret.is_some() {
                return Err(OAuthError::invalid_request("use one method of client authentication").into());
            }
            let pairs = basic(header).ok_or_else(|| invalid("the Authorization header is not HTTP Basic"))?;
            let entry = self.by_secret(&pairs, address)?;
            let entry = entry.ok_or_else(|| invalid("wrong client_id or client_secret"))?;
            if presented.client_id.is_some_and(|id| id != entry.client.client_id.as_str()) {
                return Err(OAuthError::invalid_request("client_id differs from the Authorization header").into());
            }
            return Ok(entry);
        }
        let id = presented.client_id.ok_or_else(|| invalid("client authentication is missing"))?;
        if let Some(secret) = presented.client_secret {
            let entry = self.by_secret(&[(id, secret)], address)?;
            return entry.ok_or_else(|| invalid("wrong client_id or client_secret").into());
        }
        let line = Event::ClientAuthenticationFailed.at(address);
        match self.0.directory().client(id) {
            Some(entry) if entry.client.is_public() => return Ok(entry.clone()),
            Some(entry) => line.client(entry).because(Reason::CredentialsMissing).write(),
            None => line.because(Reason::UnknownClient).write(),
        }
        Err(invalid("client authentication is missing").into())
    }

    /// As [`Self::authenticate`], for endpoints that only confidential clients may use.
    ///
    /// # Errors
    /// As there, and `invalid_client` for a public client.
    pub async fn confidential(&self, presented: &PresentedCredentials<'_>) -> Result<Arc<ClientEntry>, Failure> {
        let entry = self.authenticate(presented).await?;
        if entry.client.is_public() {
            return Err(invalid("a public client may not do this").into());
        }
        Ok(entry)
    }

    /// The confidential client whose secret this is. `address` is the peer's.
    ///
    /// # Errors
    /// `RATE_001` (fact `retryAfter`, in seconds) after too many wrong ones of the client from a network.
    pub fn secret(&self, client_id: &str, secret: &str, address: Option<&str>) -> Result<Option<Arc<ClientEntry>>> {
        self.by_secret(&[(client_id, secret)], address)
    }

    /// The confidential client that HTTP Basic names, its secret checked. `None` for anything else.
    ///
    /// # Errors
    /// As [`Self::secret`].
    pub fn basic(&self, header: &str, address: Option<&str>) -> Result<Option<Arc<ClientEntry>>> {
        match basic(header) {
            Some(pairs) => self.by_secret(&pairs, address),
            None => Ok(None),
        }
    }

    /// The client that one of these pairs of id and secret proves. All of them together are one try.
    fn by_secret<T: AsRef<str>>(&self, pairs: &[(T, T)], address: Option<&str>) -> Result<Option<Arc<ClientEntry>>> {
        let (directory, now, network) = (self.0.directory(), self.0.now(), Network::of(address));
        let line = || Event::ClientAuthenticationFailed.at(address);
        let mut failed = None;
        for (id, secret) in pairs {
            // Where there is no secret, none can be guessed.
            let named = directory.client(id.as_ref()).filter(|entry| entry.client.has_secret());
            let Some(entry) = named else { continue };
            let free = self.0.may_prove(entry, network);
            free.inspect_err(|_| line().client(entry).because(Reason::TooManyAttempts).write())?;
            if knows(entry, secret.as_ref(), now) {
                return Ok(Some(entry.clone()));
            }
            failed = Some(entry);
        }
        match failed {
            Some(entry) => {
                self.0.not_proved(entry, network);
                line().client(entry).because(Reason::WrongSecret).write();
            }
            None => line().because(Reason::UnknownClient).write(),
        }
        Ok(None)
    }
}

fn invalid(description: &'static str) -> OAuthError {
    OAuthError::invalid_client(description)
}

/// Compares with every secret that counts, the old one of a rotation too.
fn knows(entry: &ClientEntry, secret: &str, now: Timestamp) -> bool {
    let hash = crypto::hash(secret);
    let current = entry.secrets.iter().filter(|known| known.expires_at.is_none_or(|end| end > now));
    current.fold(false, |right, known| right | crypto::equal(&known.hash, &hash))
}

/// The readings of an HTTP Basic header: form-decoded as RFC 6749 wants it, then as many clients send it.
fn basic(header: &str) -> Option<Vec<(String, String)>> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = form_decode(id).zip(form_decode(secret));
    let mut readings: Vec<_> = decoded.into_iter().collect();
    let raw = (id.to_owned(), secret.to_owned());
    if !readings.contains(&raw) {
        readings.push(raw);
    }
    Some(readings)
}

/// Undoes application/x-www-form-urlencoded; `None` where an escape is broken.
fn form_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(value).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_form_decoded_first() {
        let header = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
        assert_eq!(basic(&header("web:s%3Acret%2B")), Some(vec![pair("web", "s:cret+"), pair("web", "s%3Acret%2B")]));
        assert_eq!(basic(&header("web:plain")), Some(vec![pair("web", "plain")]));
        assert_eq!(basic(&header("web:100%")), Some(vec![pair("web", "100%")]));
        assert_eq!(basic(&header("no colon")), None);
        assert_eq!(basic("Bearer x"), None);
        assert_eq!(basic("Basic ***"), None);
    }
}
