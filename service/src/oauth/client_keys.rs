//! The public keys of clients, and of providers to sign in with: a setting, or fetched from their address, kept, and
//! fetched again when an unknown name turns up, but not in every request. An address that says that there are no keys
//! has none from then on; one that is silent, only for so long.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::TimeDelta;
use domain::{
    Timestamp,
    oauth::{
        client_keys::ClientKeys,
        jwk::{Jwks, PublicJwk},
    },
};
use tokio::sync::Mutex;

use crate::{
    Services,
    keys::foreign::Jws,
    outbound::{Unreached, shown},
};

/// A fetched set serves this long.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// And this long where its address does not answer: whoever withdraws a key there is heard by then at the latest.
const KEPT: TimeDelta = TimeDelta::hours(4);
/// And it is not fetched again sooner than this, whoever asks for whatever key, or when the last attempt failed.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Sets that are kept at most; addresses are a client's setting, so that there are few.
const MOST: usize = 10_000;

/// What was fetched, by address.
#[derive(Default)]
pub(crate) struct FetchedKeys(RwLock<HashMap<String, Fetched>>);

#[derive(Clone)]
struct Fetched {
    /// The last set that was answered.
    keys: Arc<[PublicJwk]>,
    /// When it was.
    read_at: Timestamp,
    /// When the address was last asked.
    asked_at: Timestamp,
    /// Whether it answered then.
    answered: bool,
    /// Held while it is asked.
    asking: Arc<Mutex<()>>,
}

impl Fetched {
    /// The keys that count at `now`.
    fn keys(&self, now: Timestamp) -> &[PublicJwk] {
        if now < self.read_at + KEPT { &self.keys } else { &[] }
    }
}

impl Services {
    /// What `token` says, where one of these keys signed it.
    pub(crate) async fn verified_by_client(
        &self,
        keys: &ClientKeys,
        token: &Jws<'_>,
    ) -> Option<serde_json::Map<String, serde_json::Value>> {
        let by = |keys: &[PublicJwk]| keys.iter().find_map(|key| token.claims(key));
        let address = match keys {
            ClientKeys::Set(set) => return by(&set.keys),
            ClientKeys::At(address) => address.as_str(),
        };
        let now = self.now();
        let known = self.client_keys.get(address);
        if let Some(known) = &known {
            let named = known.keys(now).iter().any(|key| token.may_be_of(key));
            let fresh = known.answered && now < known.asked_at + FRESH;
            if (fresh && named) || now < known.asked_at + PAUSE {
                if let Some(claims) = by(known.keys(now)) {
                    return Some(claims);
                }
                // Whoever comes while it is asked waits for the answer.
                drop(known.asking.lock().await);
                return by(self.client_keys.get(address)?.keys(now));
            }
        }
        by(self.fetch_keys(address, known).await.keys(now))
    }

    async fn fetch_keys(&self, address: &str, known: Option<Fetched>) -> Fetched {
        let now = self.now();
        let (keys, read_at) = known.map_or_else(|| (Arc::from([]), now), |known| (known.keys, known.read_at));
        let asking = Arc::new(Mutex::new(()));
        let held = asking.lock().await;
        let mut fetched = Fetched { keys, read_at, asked_at: now, answered: false, asking: asking.clone() };
        self.client_keys.put(address, fetched.clone());
        let answer = self.fetch(address).await;
        if let Err(error) = &answer {
            let address = shown(address);
            tracing::warn!(address, error = error as &dyn std::error::Error, "published keys cannot be fetched");
        }
        if !answer.as_ref().is_err_and(Unreached::may_pass) {
            let set = answer.ok().and_then(|body| serde_json::from_slice(&body).ok());
            let set = set.and_then(|document| Jwks::read(&document));
            fetched.answered = set.is_some();
            fetched.keys = set.map(|set| set.keys).unwrap_or_default().into();
            fetched.read_at = now;
        }
        self.client_keys.put(address, fetched.clone());
        drop(held);
        fetched
    }
}

impl FetchedKeys {
    fn get(&self, address: &str) -> Option<Fetched> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    fn put(&self, address: &str, fetched: Fetched) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(address) {
            all.clear();
        }
        all.insert(address.to_owned(), fetched);
    }
}
