//! Hashes, message authentication and sealing, all by aws-lc.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    constant_time, digest, hkdf, hmac,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::Secret;

use crate::{Error, Result, random::Rng};

/// SHA-256 of a random secret: what is kept of tokens and client secrets.
pub fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// What may be shown of a secret later: `prefix`, where it begins with that, and its last four characters.
pub fn hint(prefix: &str, secret: &Secret) -> String {
    let text = secret.expose();
    let prefix = if text.starts_with(prefix) { prefix } else { "" };
    let last: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
    format!("{prefix}…{last}")
}

/// The left half of a hash, as `at_hash` holds it (OpenID Connect Core, 3.1.3.6): of SHA-512 beside a signature by Ed25519,
/// of SHA-256 beside any other.
pub fn half_hash(text: &str, ed25519: bool) -> String {
    let algorithm = if ed25519 { &digest::SHA512 } else { &digest::SHA256 };
    let hash = digest::digest(algorithm, text.as_bytes());
    base64url(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// Compares without telling by its time where the difference lies.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Unpadded base64url (RFC 4648, section 5).
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads unpadded base64url.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// What a sealed text is for. A text sealed for one purpose does not open for another. The numbers are in everything
/// that is sealed in databases: none ever changes or is given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// The private half of a signing key.
    SigningKey = 0,
    /// An authorization request on its way through the pages.
    Flow = 1,
    /// An authorization code.
    Code = 2,
    /// A stored answer to an idempotent request.
    Answer = 3,
    /// A cookie of the demo's own application.
    Demo = 4,
    /// A secret on its way to the page that shows it once.
    ShownOnce = 5,
    /// The name of an order, for the browser that pays it.
    Order = 6,
    /// An application's keys at a payment provider.
    PaymentKeys = 7,
    /// A visit to the customer portal.
    Portal = 8,
    /// A change of payment method that waits for its customer.
    Method = 9,
    /// The name of an invoice, for whoever pays it by its link.
    PayLink = 10,
    /// A mail that waits to be sent.
    Mail = 11,
    /// What a link in a mail leads to.
    MailLink = 12,
    /// The key of an authenticator app.
    Totp = 13,
    /// The same before its first code, in the form.
    TotpEnrolment = 14,
    /// A sign-in between its first proof and its second factor.
    SignIn = 15,
    /// The secret of this server at a sign-in provider.
    UpstreamSecret = 16,
    /// A sign-in that is under way at another provider.
    UpstreamState = 17,
    /// A provider's account that waits for the proof of the account here.
    UpstreamLink = 18,
    /// A challenge to a passkey.
    Passkey = 19,
    /// The code of a device whose user is at checkout.
    Device = 20,
    /// The key by which an endpoint's webhooks are signed.
    WebhookKey = 21,
    /// A logout request on its way to where the browser brings its cookies along.
    Logout = 22,
    /// A form of the dashboard that waits for a recent sign-in.
    KeptForm = 23,
}

/// The server's secret key and everything derived from it.
pub struct Vault {
    seal: LessSafeKey,
    mac: hmac::Key,
}

impl Vault {
    /// Derives the keys from the secret key's text, which should have 32 random bytes or more.
    pub fn new(secret_key: &Secret) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"turnpike");
        let root = salt.extract(secret_key.expose().as_bytes());
        let derive = |info: &[u8]| {
            let mut key = [0; 32];
            // Cannot fail: 32 bytes are one block of the hash.
            root.expand(&[info], &AES_256_GCM).and_then(|okm| okm.fill(&mut key)).expect("one block of HKDF");
            key
        };
        Self {
            seal: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derive(b"seal")).expect("a key of 32 bytes")),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &derive(b"mac")),
        }
    }

    /// Encrypts and authenticates (AES-256-GCM, a random nonce in front).
    pub fn seal(&self, purpose: Purpose, plain: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let nonce: [u8; 12] = rng.bytes();
        let mut sealed = plain.to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(purpose), &mut sealed)
            .expect("far below the limit of AES-GCM");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Self::seal`] made; `None` when it was made for another purpose, by another key, or changed.
    pub fn open(&self, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(12)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.seal.open_in_place(nonce, aad(purpose), &mut sealed).ok()?;
        Some(plain.to_vec())
    }

    /// [`Self::seal`] of a value, as text for a URL.
    ///
    /// # Errors
    /// When the value cannot be serialised.
    pub fn seal_value<T: serde::Serialize>(&self, purpose: Purpose, value: &T, rng: &dyn Rng) -> Result<String> {
        let plain = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(base64url(self.seal(purpose, &plain, rng)))
    }

    /// The value of [`Self::seal_value`], `None` for anything else.
    pub fn open_value<T: serde::de::DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Option<T> {
        domain::stored::read_bytes(&self.open(purpose, &from_base64url(text)?)?).ok()
    }

    /// HMAC-SHA256 over the parts, each with its length in front.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

fn aad(purpose: Purpose) -> Aad<[u8; 1]> {
    Aad::from([purpose as u8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRng;

    #[test]
    fn a_hint_shows_the_kind_and_the_end() {
        for (secret, shown) in [("sec_abcdefgh", "sec_…efgh"), ("correct_horse", "…orse"), ("ééé", "…ééé")]
        {
            assert_eq!(hint("sec_", &Secret::new(secret)), shown);
        }
    }

    #[test]
    fn opens_only_what_it_sealed_for_that_purpose() {
        let vault = Vault::new(&Secret::new("k".repeat(32)));
        let sealed = vault.seal(Purpose::Flow, b"hello", &SeededRng::new(1));
        assert_eq!(vault.open(Purpose::Flow, &sealed).as_deref(), Some(b"hello".as_slice()));
        assert_eq!(vault.open(Purpose::Code, &sealed), None);
        let mut bent = sealed;
        bent[14] ^= 1;
        assert_eq!(vault.open(Purpose::Flow, &bent), None);
        assert_eq!(vault.open(Purpose::Flow, b"short"), None);
    }

    /// Of databases that are there: these texts must open for ever.
    #[test]
    fn what_was_sealed_once_opens() {
        let vault = Vault::new(&Secret::new("k".repeat(32)));
        let kept = [
            (Purpose::SigningKey, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvZGJ9y3nZTxeWSHTz5ba8QI"),
            (Purpose::Answer, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvbOnqjzJT2V2WJ9VPEOfPB0"),
            (Purpose::PaymentKeys, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvcvPef9e17kWWslceXCSL8k"),
            (Purpose::Mail, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvUN2Dbvmft22XDNHtiWFG7U"),
            (Purpose::MailLink, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvRkwg2lfzFj-X9vIAMPNxX4"),
            (Purpose::Totp, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvQcqt5m6Km_mX05KUY8OgYs"),
            (Purpose::UpstreamSecret, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvbIquCO5Bk3eUHn221ruvlM"),
            (Purpose::WebhookKey, "eDglgipvnmLaIZDoisVdVvRnTQy5qp-NzAPsvdRYXxDLeKamUrp9zyUg6XI"),
        ];
        for (purpose, text) in kept {
            let plain = vault.open(purpose, &from_base64url(text).unwrap());
            assert_eq!(plain.as_deref(), Some(b"as it was sealed".as_slice()), "{purpose:?}");
            let again = vault.seal(purpose, b"as it was sealed", &SeededRng::new(1));
            assert_eq!(base64url(again), text, "{purpose:?}");
        }
    }
}
