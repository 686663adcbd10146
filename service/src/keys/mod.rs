//! The keys that sign tokens: sealed in the database, parsed once, published as a ready JWKS.

pub(crate) mod foreign;
mod generate;
mod key;
mod rotate;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{Timestamp, oauth::client::SigningAlg};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    Error, Result,
    clock::at,
    crypto::{self, Purpose, Vault},
    entity::signing_keys,
};

pub use generate::ensure;
pub use key::{SigningKey, TokenType};
pub use rotate::{AHEAD, KeyInfo, Keys, Stage};

/// A retired key is published for this long: longer than any token that it signed lives.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::hours(2);
/// And it still tells an id_token that comes back as a hint for as long as the session of that token may live.
pub(crate) const HINTS_AFTER: TimeDelta = TimeDelta::days(31);

/// The keys that sign and verify tokens.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: Vec<Arc<SigningKey>>,
    jwks: Arc<[u8]>,
    etag: String,
    /// When the first of the published keys stops being one.
    passes_at: Option<Timestamp>,
}

impl Keyring {
    /// Reads the keys; those of `previous` that are still there are taken over.
    ///
    /// # Errors
    /// The database's own, or a key that this secret key does not open.
    pub async fn load(db: &impl ConnectionTrait, vault: &Vault, previous: &Self, now: Timestamp) -> Result<Self> {
        let mut keys = Vec::new();
        for row in signing_keys::Entity::find().order_by_asc(signing_keys::Column::Id).all(db).await? {
            let retired_at = row.retired_at.map(at);
            if retired_at.is_some_and(|retired| retired + HINTS_AFTER <= now) {
                continue;
            }
            let known = previous.keys.iter().find(|key| key.kid == row.kid && key.retired_at == retired_at);
            keys.push(match known {
                Some(key) => key.clone(),
                None => Arc::new(open(row, vault)?),
            });
        }
        Ok(Self::new(keys, now))
    }

    fn new(keys: Vec<Arc<SigningKey>>, now: Timestamp) -> Self {
        let published = || keys.iter().filter(|key| is_published(key, now));
        let jwks = json!({ "keys": published().map(|key| &key.jwk).collect::<Vec<_>>() }).to_string();
        let etag = format!("\"{}\"", &crypto::base64url(crypto::hash(&jwks))[..22]);
        let passes_at = published().filter_map(|key| key.retired_at).min().map(|retired| retired + PUBLISHED_AFTER);
        Self { keys, jwks: jwks.into_bytes().into(), etag, passes_at }
    }

    /// The keys of the published set, as they are at `now`.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &Arc<SigningKey>> {
        self.keys.iter().filter(move |key| is_published(key, now))
    }

    /// The key of an algorithm that came last; it may not sign yet.
    fn newest(&self, alg: SigningAlg) -> Option<&Arc<SigningKey>> {
        let of_alg = self.keys.iter().filter(|key| key.alg == alg && key.retired_at.is_none());
        of_alg.max_by_key(|key| key.active_at)
    }

    /// Whether the published set has a key that should not be in it any more.
    fn has_passed(&self, now: Timestamp) -> bool {
        self.passes_at.is_some_and(|at| at <= now)
    }

    /// The published set (RFC 7517, section 5), ready to be sent.
    pub const fn jwks(&self) -> &Arc<[u8]> {
        &self.jwks
    }

    /// The entity tag of [`Self::jwks`], with its quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    pub fn by_kid(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// The key that signs with `alg` at `now`: the one that came into use last. Where another node's clock is ahead
    /// and its first key seems to be of the future, that one.
    fn active(&self, alg: SigningAlg, now: Timestamp) -> Option<&Arc<SigningKey>> {
        let usable =
            || self.keys.iter().filter(|key| key.alg == alg && key.retired_at.is_none_or(|retired| retired > now));
        usable()
            .filter(|key| key.active_at <= now)
            .max_by_key(|key| key.active_at)
            .or_else(|| usable().min_by_key(|key| key.active_at))
    }

    /// Signs `claims` as a JWT of the kind `token_type`.
    ///
    /// # Errors
    /// When there is no key for `alg`, or the claims cannot be serialised.
    pub fn sign(
        &self,
        alg: SigningAlg,
        token_type: TokenType,
        claims: &impl Serialize,
        now: Timestamp,
    ) -> Result<String> {
        let key = self.active(alg, now).ok_or_else(|| Error::internal("there is no key for this algorithm"))?;
        key.sign(token_type, claims)
    }

    /// The claims of a token of this kind that one of these keys signed, whatever its age; `None` for anything else.
    /// Access tokens are over before their key is published no more, so that its staying for hints helps none.
    pub fn verify<T: DeserializeOwned>(&self, token_type: TokenType, token: &str) -> Option<T> {
        self.keys.iter().find_map(|key| key.verify(token_type, token))
    }
}

fn is_published(key: &SigningKey, now: Timestamp) -> bool {
    key.retired_at.is_none_or(|retired| retired + PUBLISHED_AFTER > now)
}

fn open(row: signing_keys::Model, vault: &Vault) -> Result<SigningKey> {
    let private = vault
        .open(Purpose::SigningKey, &row.sealed_private)
        .ok_or_else(|| Error::internal("the secret key does not open the signing keys of this database"))?;
    let alg = SigningAlg::parse(&row.alg)?;
    SigningKey::new(alg, &private, at(row.active_at), row.retired_at.map(at))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn moment(hours: i64) -> Timestamp {
        at(1_795_219_200_000) + TimeDelta::hours(hours)
    }

    fn key(alg: SigningAlg, active: i64, retired: Option<i64>) -> Arc<SigningKey> {
        let private = generate::private_key(alg).unwrap();
        Arc::new(SigningKey::new(alg, &private, moment(active), retired.map(moment)).unwrap())
    }

    #[test]
    fn verifies_only_what_it_signed_as_that_kind() {
        for alg in SigningAlg::ALL {
            let ring = Keyring::new(vec![key(alg, 0, None)], moment(0));
            let token = ring.sign(alg, TokenType::Access, &json!({"a": 1}), moment(0)).unwrap();
            assert_eq!(ring.verify::<Value>(TokenType::Access, &token), Some(json!({"a": 1})));
            assert_eq!(ring.verify::<Value>(TokenType::Id, &token), None);
            let other = Keyring::new(vec![key(alg, 0, None)], moment(0));
            assert_eq!(other.verify::<Value>(TokenType::Access, &token), None);
            let (head, signature) = token.rsplit_once('.').unwrap();
            let (header, _) = head.split_once('.').unwrap();
            let bent = format!("{header}.{}.{signature}", crypto::base64url(r#"{"a":2}"#));
            assert_eq!(ring.verify::<Value>(TokenType::Access, &bent), None);
        }
    }

    #[test]
    fn the_key_that_came_last_signs_and_the_old_one_still_verifies() {
        let (old, new) = (key(SigningAlg::ES256, 0, Some(3)), key(SigningAlg::ES256, 2, None));
        assert_ne!(old.kid, new.kid);
        let ring = Keyring::new(vec![old.clone(), new.clone()], moment(1));
        assert_eq!(ring.active(SigningAlg::ES256, moment(1)).unwrap().kid, old.kid);
        assert_eq!(ring.active(SigningAlg::ES256, moment(2)).unwrap().kid, new.kid);
        let token = old.sign(TokenType::Id, &json!({})).unwrap();
        assert_eq!(ring.verify::<Value>(TokenType::Id, &token), Some(json!({})));
        assert!(ring.active(SigningAlg::RS256, moment(2)).is_none());
    }

    #[test]
    fn the_published_set_has_no_private_half() {
        let ring = Keyring::new(SigningAlg::ALL.map(|alg| key(alg, 0, None)).into(), moment(0));
        let jwks: Value = serde_json::from_slice(ring.jwks()).unwrap();
        let keys = jwks["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 3);
        for key in keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.get(private).is_none());
            }
            assert_eq!(key["use"], "sig");
        }
    }
}
