//! How often somebody may try to sign in. Failures of one account from one network, of one network over all
//! accounts, of one IPv6 site over all of its networks, and of one account over all networks each have a budget that
//! refills with time; past it, every failure doubles the wait. The last kind does not hold for a network from which the
//! account has signed in before, and a browser in which it has signed in before has a budget of its own, so that nobody
//! can lock another out from elsewhere, nor in their browser at all; a new browser on a new network waits. A network
//! that has failed too often waits for every account alike: else it would tell which ones have signed in from there.
//! Whatever else is limited has budgets here as well.

mod book;
mod key;
mod network;

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{ErrorCode, Timestamp};
use uuid::Uuid;

pub use network::Network;

use crate::Result;
use book::{Book, wait};
use key::{Key, What};

/// The failures that this node remembers.
#[derive(Default)]
pub(crate) struct Attempts {
    book: Mutex<Book>,
}

/// How an account knows whoever tries to sign in to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    No,
    /// It has signed in from this network before.
    Network,
    /// It has signed in in this browser before.
    Browser,
}

impl Known {
    /// Whether an attempt waits for what counts there.
    const fn waits_for(self, key: &Key) -> bool {
        match self {
            Self::No => true,
            Self::Network => !matches!(key, Key::Account(_)),
            Self::Browser => matches!(key, Key::Browsers(_)),
        }
    }
}

/// One attempt that was let through. It counts as a failure unless it is taken back: trying at once in parallel, or
/// hanging up, gains nothing.
pub(crate) struct Attempt {
    /// Whose own it is, then what it shares with others.
    keys: Vec<Key>,
}

impl Attempts {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a stranger would have to wait.
    pub(crate) fn is_held_up(&self, account: &str, network: Network, now: Timestamp) -> bool {
        let mut book = self.book();
        keys(account, network, Known::No).iter().any(|key| book.free_at(key, now) > now)
    }

    /// Lets an attempt through, or says how long to wait.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds.
    pub(crate) fn begin(&self, account: &str, network: Network, known: Known, now: Timestamp) -> Result<Attempt> {
        let keys = keys(account, network, known);
        let mut book = self.book();
        let judged = keys.iter().filter(|key| known.waits_for(key));
        let free_at = judged.map(|key| book.free_at(key, now)).max().unwrap_or(now);
        if free_at > now {
            return Err(wait(ErrorCode::TooManyAttempts, free_at - now));
        }
        for key in &keys {
            book.count(key, now);
        }
        Ok(Attempt { keys })
    }

    /// Takes back what the attempt counted; with `forgiven`, whoever's own failures too: the password was right.
    pub(crate) fn undo(&self, attempt: &Attempt, forgiven: bool) {
        let mut book = self.book();
        for key in &attempt.keys {
            book.forgive(key);
        }
        if let Some(own) = attempt.keys.first().filter(|_| forgiven) {
            book.failures.remove(own);
        }
    }

    /// Counts a mail that somebody asks for who is not known to mean well: without having signed in, or as a user.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network asked for too many.
    pub(crate) fn ask_mail(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Mails), now)
    }

    /// Counts the code of a device that a network guesses.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when it guessed too often.
    pub(crate) fn guess(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Codes), now)
    }

    /// The guess was right.
    pub(crate) fn guessed(&self, network: Network) {
        self.take_back(&Key::From(network, What::Codes));
    }

    /// Counts the code of a coupon that a network tries.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when it tried too many.
    pub(crate) fn try_coupon(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Coupons), now)
    }

    /// The coupon was one.
    pub(crate) fn coupon_taken(&self, network: Network) {
        self.take_back(&Key::From(network, What::Coupons));
    }

    /// Counts a sign-in with another provider that somebody begins.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network began too many.
    pub(crate) fn depart(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Departures), now)
    }

    /// Whether a client may be proved from this network.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds after too many wrong proofs.
    pub(crate) fn may_prove(&self, client: Uuid, network: Network, now: Timestamp) -> Result<()> {
        let (key, mut book) = (Key::From(network, What::Proofs(client)), self.book());
        key.wide().iter().chain([&key]).try_for_each(|key| book.judge(key, now))
    }

    /// The proof was wrong.
    pub(crate) fn not_proved(&self, client: Uuid, network: Network, now: Timestamp) {
        let (key, mut book) = (Key::From(network, What::Proofs(client)), self.book());
        key.wide().iter().chain([&key]).for_each(|key| book.count(key, now));
    }

    /// Counts a call by somebody who has not proved who they are.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when too many came from the network.
    pub(crate) fn call_unproved(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Strangers), now)
    }

    /// Counts a request that is kept for somebody who has not proved who they are.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when too many came from the network.
    pub(crate) fn keep_unproved(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Requests), now)
    }

    /// Counts a call by a client, a key or a user.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when they called too often.
    pub(crate) fn call(&self, caller: Uuid, now: Timestamp) -> Result<()> {
        self.count(Key::Caller(caller), now)
    }

    /// Counts what a user changes of their own account: each leaves a row in the ledger.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when they changed it too often.
    pub(crate) fn change(&self, user: Uuid, now: Timestamp) -> Result<()> {
        self.count(Key::Changes(user), now)
    }

    /// Counts a new password whose strength is asked for.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network asked too often.
    pub(crate) fn weigh(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::From(network, What::Choices), now)
    }

    fn take_back(&self, key: &Key) {
        let mut book = self.book();
        key.wide().iter().chain([key]).for_each(|key| book.forgive(key));
    }

    fn count(&self, key: Key, now: Timestamp) -> Result<()> {
        let (wide, mut book) = (key.wide(), self.book());
        let keys = || wide.iter().chain([&key]);
        keys().try_for_each(|key| book.judge(key, now))?;
        keys().for_each(|key| book.count(key, now));
        Ok(())
    }
}

/// Where an attempt counts: its own place first.
fn keys(account: &str, network: Network, known: Known) -> Vec<Key> {
    let own = match known {
        Known::Browser => Key::Browsers(account.to_owned()),
        Known::No | Known::Network => Key::Pair(account.to_owned(), network),
    };
    let from = Key::From(network, What::Failures);
    let site = from.wide();
    [own, from, Key::Account(account.to_owned())].into_iter().chain(site).collect()
}

#[cfg(test)]
mod tests;
