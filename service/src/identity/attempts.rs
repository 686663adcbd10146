//! How often somebody may try to sign in. Failures of one account from one network, of one network over all
//! accounts, and of one account over all networks each have a budget that refills with time; past it, every failure
//! doubles the wait. Only the first kind holds for a network from which the account has signed in before, so that
//! nobody can lock another out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use domain::{ErrorCode, Problem, Timestamp};

use crate::{Error, Result};

/// The part of an address that belongs to one customer: all of IPv4, the first 64 bits of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    V4([u8; 4]),
    V6([u16; 4]),
    Unknown,
}

impl Network {
    pub fn of(address: Option<&str>) -> Self {
        match address.and_then(|address| address.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
            None => Self::Unknown,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, Network),
    Network(Network),
    Account(String),
    /// Mails that a network asked for, answered or not.
    Mails(Network),
    /// Codes of devices that a network guessed.
    Codes(Network),
    /// Sign-ins with other providers that a network began.
    Departures(Network),
}

/// How many failures are free, how fast they are forgotten, and how long the wait becomes at most.
struct Budget {
    free: i32,
    forget_one_in: TimeDelta,
    longest_wait: TimeDelta,
}

impl Key {
    const fn budget(&self) -> Budget {
        match self {
            Self::Pair(..) => {
                Budget { free: 5, forget_one_in: TimeDelta::minutes(3), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Network(_) => {
                Budget { free: 50, forget_one_in: TimeDelta::seconds(30), longest_wait: TimeDelta::minutes(5) }
            }
            Self::Account(_) => {
                Budget { free: 50, forget_one_in: TimeDelta::minutes(3), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Codes(_) => {
                Budget { free: 10, forget_one_in: TimeDelta::minutes(1), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Mails(_) | Self::Departures(_) => {
                Budget { free: 300, forget_one_in: TimeDelta::seconds(5), longest_wait: TimeDelta::minutes(5) }
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: i32,
    /// When the count was last right.
    at: Timestamp,
    last: Timestamp,
}

impl Failures {
    fn settled(self, budget: &Budget, now: Timestamp) -> Self {
        let forget = budget.forget_one_in.num_milliseconds();
        let forgotten = (now - self.at).num_milliseconds().max(0) / forget;
        let count = i64::from(self.count) - forgotten;
        Self {
            count: i32::try_from(count.max(0)).unwrap_or(self.count),
            at: self.at + TimeDelta::milliseconds(forgotten * forget),
            last: self.last,
        }
    }

    fn free_at(&self, budget: &Budget) -> Timestamp {
        let over = self.count - budget.free;
        if over < 0 {
            return self.last;
        }
        let wait = TimeDelta::seconds(1_i64 << over.min(20));
        self.last + wait.min(budget.longest_wait)
    }
}

/// Beyond this many, those that no longer count are dropped.
const MOST: usize = 100_000;

/// The failures that this node remembers.
#[derive(Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<Key, Failures>>,
}

/// One attempt that was let through.
pub(crate) struct Attempt {
    keys: [Key; 3],
    /// Its failure is counted already, because others came before it.
    counted: [bool; 3],
}

impl Attempts {
    fn failures(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether account or network have failed so often that only accounts may try that the network is known to.
    pub(crate) fn is_under_attack(&self, account: &str, network: Network, now: Timestamp) -> bool {
        let failures = self.failures();
        [Key::Account(account.to_owned()), Key::Network(network)].iter().any(|key| {
            let budget = key.budget();
            failures.get(key).is_some_and(|past| past.settled(&budget, now).free_at(&budget) > now)
        })
    }

    /// Lets an attempt through, or says how long to wait. `known`: the account has signed in from this network
    /// before.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds.
    pub(crate) fn begin(&self, account: &str, network: Network, known: bool, now: Timestamp) -> Result<Attempt> {
        let keys = [Key::Pair(account.to_owned(), network), Key::Network(network), Key::Account(account.to_owned())];
        let mut failures = self.failures();
        let mut free_at = now;
        for key in &keys {
            if known && !matches!(key, Key::Pair(..)) {
                continue;
            }
            if let Some(past) = failures.get_mut(key) {
                let budget = key.budget();
                *past = past.settled(&budget, now);
                free_at = free_at.max(past.free_at(&budget));
            }
        }
        if free_at > now {
            return Err(wait(free_at - now));
        }
        // Whoever has failed before is counted when beginning: trying at once in parallel gains nothing.
        let mut counted = [false; 3];
        for (key, counted) in keys.iter().zip(&mut counted) {
            if let Some(past) = failures.get_mut(key).filter(|past| past.count > 0) {
                past.count += 1;
                past.last = now;
                *counted = true;
            }
        }
        Ok(Attempt { keys, counted })
    }

    /// Counts a mail that somebody asks for who is not known to mean well: without having signed in, or as a user.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network asked for too many.
    pub(crate) fn ask_mail(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Mails(network), now)
    }

    /// Counts the code of a device that a network guesses.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when it guessed too often.
    pub(crate) fn guess(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Codes(network), now)
    }

    /// The guess was right.
    pub(crate) fn guessed(&self, network: Network) {
        if let Some(past) = self.failures().get_mut(&Key::Codes(network)) {
            past.count -= 1;
        }
    }

    /// Counts a sign-in with another provider that somebody begins.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network began too many.
    pub(crate) fn depart(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Departures(network), now)
    }

    fn count(&self, key: Key, now: Timestamp) -> Result<()> {
        let budget = key.budget();
        let mut failures = self.failures();
        let past = failures.entry(key).or_insert(Failures { count: 0, at: now, last: now });
        *past = past.settled(&budget, now);
        let free_at = past.free_at(&budget);
        if free_at > now {
            return Err(wait(free_at - now));
        }
        past.count += 1;
        past.last = now;
        Ok(())
    }

    pub(crate) fn failed(&self, attempt: Attempt, now: Timestamp) {
        let mut failures = self.failures();
        if failures.len() > MOST {
            failures.retain(|key, past| past.settled(&key.budget(), now).count > 0);
        }
        for (key, counted) in attempt.keys.into_iter().zip(attempt.counted) {
            if !counted {
                let budget = key.budget();
                let past = failures.entry(key).or_insert(Failures { count: 0, at: now, last: now });
                *past = past.settled(&budget, now);
                past.count += 1;
                past.last = now;
            }
        }
    }

    /// Takes back what the attempt counted; with `forgiven`, the pair's failures too: the password was right.
    pub(crate) fn undo(&self, attempt: Attempt, forgiven: bool) {
        let mut failures = self.failures();
        for (key, counted) in attempt.keys.into_iter().zip(attempt.counted) {
            if forgiven && matches!(key, Key::Pair(..)) {
                failures.remove(&key);
            } else if counted && let Some(past) = failures.get_mut(&key) {
                past.count = (past.count - 1).max(0);
            }
        }
    }
}

fn wait(time: TimeDelta) -> Error {
    let seconds = time.num_milliseconds().max(1).unsigned_abs().div_ceil(1000);
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Problem::new(ErrorCode::TooManyAttempts, format!("too many attempts; try again in {seconds} s"))
        .with_fact("retryAfter", seconds)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_795_219_200_000 + seconds * 1000).unwrap()
    }

    fn fail(attempts: &Attempts, account: &str, network: Network, now: Timestamp) -> bool {
        match attempts.begin(account, network, false, now) {
            Ok(attempt) => {
                attempts.failed(attempt, now);
                true
            }
            Err(_) => false,
        }
    }

    #[test]
    fn waits_grow_and_are_forgotten() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        for _ in 0..5 {
            assert!(fail(&attempts, "a", network, at(0)));
        }
        assert!(!fail(&attempts, "a", network, at(0)));
        assert!(fail(&attempts, "a", network, at(1)));
        assert!(!fail(&attempts, "a", network, at(2)));
        assert!(fail(&attempts, "a", network, at(3)));
        assert!(!fail(&attempts, "a", network, at(6)));
        // Another account from the same network, and the same from another, go on.
        assert!(fail(&attempts, "b", network, at(6)));
        assert!(fail(&attempts, "a", Network::of(Some("192.0.2.2")), at(6)));
        assert!(fail(&attempts, "a", network, at(3600)));
        assert!(fail(&attempts, "a", network, at(3600)));
    }

    #[test]
    fn a_network_asks_for_so_many_mails_and_no_more() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        let sent = (0..1000).filter(|_| attempts.ask_mail(network, at(0)).is_ok()).count();
        assert_eq!(sent, 300);
        assert!(attempts.ask_mail(Network::of(Some("192.0.2.2")), at(0)).is_ok());
        assert!(attempts.ask_mail(network, at(60)).is_ok());
        assert!(fail(&attempts, "a", network, at(0)), "signing in is another matter");
    }

    #[test]
    fn a_right_password_forgives_its_own_network() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        for _ in 0..4 {
            assert!(fail(&attempts, "a", network, at(0)));
        }
        let attempt = attempts.begin("a", network, false, at(0)).unwrap();
        attempts.undo(attempt, true);
        for _ in 0..5 {
            assert!(fail(&attempts, "a", network, at(0)));
        }
    }

    #[test]
    fn many_networks_slow_an_account_down_but_not_those_it_knows() {
        let attempts = Attempts::default();
        for i in 0..60 {
            fail(&attempts, "a", Network::V4([10, 0, 0, i]), at(0));
        }
        let own = Network::V4([192, 0, 2, 1]);
        assert!(attempts.is_under_attack("a", own, at(0)));
        assert!(attempts.begin("a", own, false, at(0)).is_err());
        assert!(attempts.begin("a", own, true, at(0)).is_ok());
        assert!(!attempts.is_under_attack("b", own, at(0)));
    }

    #[test]
    fn one_network_cannot_try_all_accounts() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("2001:db8::1")));
        let passed = (0..100).filter(|i| fail(&attempts, &format!("user{i}"), network, at(0))).count();
        assert_eq!(passed, 50);
        // Who lives there and has signed in before still can.
        assert!(attempts.is_under_attack("resident", network, at(0)));
        assert!(attempts.begin("resident", network, false, at(0)).is_err());
        assert!(attempts.begin("resident", network, true, at(0)).is_ok());
        assert_eq!(Network::of(Some("2001:db8::ffff:1")), network);
        assert_ne!(Network::of(Some("2001:db8:0:1::1")), network);
        assert_eq!(Network::of(Some("::ffff:192.0.2.1")), Network::of(Some("192.0.2.1")));
    }
}
