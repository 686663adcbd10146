//! How often somebody may try to sign in. Failures of one account from one network, of one network over all
//! accounts, and of one account over all networks each have a budget that refills with time; past it, every failure
//! doubles the wait. Only the first kind holds for a network from which the account has signed in before, and a browser in
//! which it has signed in before has a budget of its own, so that nobody can lock another out. Whatever else is limited
//! has budgets here as well.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use domain::{ErrorCode, Problem, Timestamp};
use uuid::Uuid;

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

    /// Known to be another machine's. From this one come its own programs, and everybody behind a proxy that the
    /// operator has not declared.
    pub(crate) const fn is_remote(self) -> bool {
        !matches!(self, Self::V4([127, ..]) | Self::V6([0, 0, 0, 0]) | Self::Unknown)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, Network),
    /// An account in the browsers that it has signed in with before, wherever they are.
    Browsers(String),
    Network(Network),
    Account(String),
    /// Mails that a network asked for, answered or not.
    Mails(Network),
    /// Codes of devices that a network guessed.
    Codes(Network),
    /// Sign-ins with other providers that a network began.
    Departures(Network),
    /// Wrong proofs of one client from one network.
    Proofs(Network, Uuid),
    /// Calls from a network by nobody who has proved who they are.
    Strangers(Network),
    /// Calls of one client, key or user.
    Caller(Uuid),
    /// New passwords whose strength a network asked for.
    Choices(Network),
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
            Self::Pair(..) | Self::Browsers(_) => {
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
            Self::Choices(_) => {
                Budget { free: 120, forget_one_in: TimeDelta::seconds(1), longest_wait: TimeDelta::minutes(1) }
            }
            Self::Mails(_) | Self::Departures(_) => {
                Budget { free: 300, forget_one_in: TimeDelta::seconds(5), longest_wait: TimeDelta::minutes(5) }
            }
            Self::Proofs(..) => {
                Budget { free: 100, forget_one_in: TimeDelta::seconds(6), longest_wait: TimeDelta::minutes(1) }
            }
            Self::Strangers(_) => {
                Budget { free: 5_000, forget_one_in: TimeDelta::milliseconds(10), longest_wait: TimeDelta::seconds(1) }
            }
            Self::Caller(_) => {
                Budget { free: 10_000, forget_one_in: TimeDelta::milliseconds(1), longest_wait: TimeDelta::seconds(1) }
            }
        }
    }

    /// The code for whoever has to wait.
    const fn code(&self) -> ErrorCode {
        match self {
            Self::Proofs(..) | Self::Strangers(_) | Self::Caller(_) => ErrorCode::RateLimited,
            _ => ErrorCode::TooManyAttempts,
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

/// What was counted, by whom it counts.
#[derive(Default)]
struct Book {
    failures: HashMap<Key, Failures>,
    /// How many were left when those that no longer count were dropped.
    left: usize,
}

impl Book {
    /// What counts now.
    fn past(&mut self, key: &Key, now: Timestamp) -> Option<&mut Failures> {
        let past = self.failures.get_mut(key)?;
        *past = past.settled(&key.budget(), now);
        Some(past)
    }

    fn free_at(&mut self, key: &Key, now: Timestamp) -> Timestamp {
        self.past(key, now).map_or(now, |past| past.free_at(&key.budget()))
    }

    /// # Errors
    /// The key's code with the fact `retryAfter` in seconds, until it is free.
    fn judge(&mut self, key: &Key, now: Timestamp) -> Result<()> {
        let free_at = self.free_at(key, now);
        if free_at > now { Err(wait(key.code(), free_at - now)) } else { Ok(()) }
    }

    fn count(&mut self, key: &Key, now: Timestamp) {
        // Each time as many more must have come as were left, so that a flood pays for what it costs.
        if self.failures.len() >= MOST.max(self.left * 2) {
            self.failures.retain(|key, past| past.settled(&key.budget(), now).count > 0);
            self.left = self.failures.len();
        }
        if let Some(past) = self.past(key, now) {
            (past.count, past.last) = (past.count + 1, now);
        } else {
            self.failures.insert(key.clone(), Failures { count: 1, at: now, last: now });
        }
    }

    /// Takes one back.
    fn forgive(&mut self, key: &Key) {
        if let Some(past) = self.failures.get_mut(key) {
            past.count -= 1;
            if past.count <= 0 {
                self.failures.remove(key);
            }
        }
    }
}

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

/// One attempt that was let through. It counts as a failure unless it is taken back: trying at once in parallel, or
/// hanging up, gains nothing.
pub(crate) struct Attempt {
    /// Whose own it is, then what it shares with others.
    keys: [Key; 3],
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
        let judged = if known == Known::No { keys.len() } else { 1 };
        let mut book = self.book();
        let free_at = keys.iter().take(judged).map(|key| book.free_at(key, now)).max().unwrap_or(now);
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
        if forgiven {
            book.failures.remove(&attempt.keys[0]);
        }
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
        self.book().forgive(&Key::Codes(network));
    }

    /// Counts a sign-in with another provider that somebody begins.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network began too many.
    pub(crate) fn depart(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Departures(network), now)
    }

    /// Whether a client may be proved from this network.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds after too many wrong proofs.
    pub(crate) fn may_prove(&self, client: Uuid, network: Network, now: Timestamp) -> Result<()> {
        self.book().judge(&Key::Proofs(network, client), now)
    }

    /// The proof was wrong.
    pub(crate) fn not_proved(&self, client: Uuid, network: Network, now: Timestamp) {
        self.book().count(&Key::Proofs(network, client), now);
    }

    /// Counts a call by somebody who has not proved who they are.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when too many came from the network.
    pub(crate) fn call_unproved(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Strangers(network), now)
    }

    /// Counts a call by a client, a key or a user.
    ///
    /// # Errors
    /// `RATE_001` with the fact `retryAfter` in seconds when they called too often.
    pub(crate) fn call(&self, caller: Uuid, now: Timestamp) -> Result<()> {
        self.count(Key::Caller(caller), now)
    }

    /// Counts a new password whose strength is asked for.
    ///
    /// # Errors
    /// `AUTH_007` with the fact `retryAfter` in seconds when the network asked too often.
    pub(crate) fn weigh(&self, network: Network, now: Timestamp) -> Result<()> {
        self.count(Key::Choices(network), now)
    }

    fn count(&self, key: Key, now: Timestamp) -> Result<()> {
        let mut book = self.book();
        book.judge(&key, now)?;
        book.count(&key, now);
        Ok(())
    }
}

/// Where an attempt counts: its own place first.
fn keys(account: &str, network: Network, known: Known) -> [Key; 3] {
    let own = match known {
        Known::Browser => Key::Browsers(account.to_owned()),
        Known::No | Known::Network => Key::Pair(account.to_owned(), network),
    };
    [own, Key::Network(network), Key::Account(account.to_owned())]
}

fn wait(code: ErrorCode, time: TimeDelta) -> Error {
    let seconds = time.num_milliseconds().max(1).unsigned_abs().div_ceil(1000);
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let what = if code == ErrorCode::RateLimited { "requests" } else { "attempts" };
    Problem::new(code, format!("too many {what}; try again in {seconds} s")).with_fact("retryAfter", seconds).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_795_219_200_000 + seconds * 1000).unwrap()
    }

    fn fail(attempts: &Attempts, account: &str, network: Network, now: Timestamp) -> bool {
        attempts.begin(account, network, Known::No, now).is_ok()
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
    fn who_calls_too_often_waits_a_second_and_goes_on() {
        let (attempts, id) = (Attempts::default(), Uuid::from_u128(1));
        let network = Network::of(Some("192.0.2.1"));
        let strangers = |now| (0..20_000).filter(|_| attempts.call_unproved(network, now).is_ok()).count();
        assert_eq!((strangers(at(0)), strangers(at(0))), (5_000, 0));
        assert_eq!((strangers(at(1)), strangers(at(2))), (100, 100));
        let calls = |now| (0..20_000).filter(|_| attempts.call(id, now).is_ok()).count();
        assert_eq!((calls(at(0)), calls(at(1)), calls(at(60))), (10_000, 1_000, 10_000));
        assert!(attempts.call(Uuid::from_u128(2), at(60)).is_ok());
        assert!(attempts.call_unproved(Network::of(Some("192.0.2.2")), at(2)).is_ok());
        let refused = attempts.call(id, at(60)).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::RateLimited);
        let Error::Problem(problem) = refused else { panic!("an internal error") };
        assert_eq!(problem.retry_after(), Some(1));
    }

    #[test]
    fn wrong_proofs_of_a_client_hold_up_its_own_network() {
        let (attempts, client) = (Attempts::default(), Uuid::from_u128(1));
        let (here, there) = (Network::of(Some("192.0.2.1")), Network::of(Some("192.0.2.2")));
        for _ in 0..100 {
            attempts.may_prove(client, here, at(0)).unwrap();
            attempts.not_proved(client, here, at(0));
        }
        assert_eq!(attempts.may_prove(client, here, at(0)).unwrap_err().code(), ErrorCode::RateLimited);
        assert!(attempts.may_prove(client, there, at(0)).is_ok());
        assert!(attempts.may_prove(Uuid::from_u128(2), here, at(0)).is_ok());
        attempts.may_prove(client, here, at(1)).unwrap();
        attempts.not_proved(client, here, at(1));
        assert!(attempts.may_prove(client, here, at(2)).is_err(), "each further one waits longer");
        assert!(attempts.may_prove(client, here, at(61)).is_ok(), "they are forgotten");
    }

    #[test]
    fn this_machine_and_nowhere_are_not_remote() {
        for near in [Some("127.0.0.1"), Some("127.8.9.1"), Some("::1"), Some("::ffff:127.0.0.1"), Some("?"), None] {
            assert!(!Network::of(near).is_remote(), "{near:?}");
        }
        for far in ["192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "fd00::1"] {
            assert!(Network::of(Some(far)).is_remote(), "{far}");
        }
    }

    #[test]
    fn a_right_password_forgives_its_own_network() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        for _ in 0..4 {
            assert!(fail(&attempts, "a", network, at(0)));
        }
        let attempt = attempts.begin("a", network, Known::No, at(0)).unwrap();
        attempts.undo(&attempt, true);
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
        assert!(attempts.is_held_up("a", own, at(0)));
        assert!(attempts.begin("a", own, Known::No, at(0)).is_err());
        assert!(attempts.begin("a", own, Known::Network, at(0)).is_ok());
        assert!(!attempts.is_held_up("b", own, at(0)));
    }

    #[test]
    fn a_browser_that_an_account_knows_has_a_budget_of_its_own() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        while fail(&attempts, "a", network, at(0)) {}
        // Whoever shares the owner's network locks it for themselves only.
        assert!(attempts.begin("a", network, Known::Network, at(0)).is_err());
        for i in 0..5 {
            assert!(attempts.begin("a", Network::V4([10, 0, 0, i]), Known::Browser, at(0)).is_ok());
        }
        assert!(attempts.begin("a", network, Known::Browser, at(0)).is_err(), "the same budget everywhere");
        let attempt = attempts.begin("a", network, Known::Browser, at(1)).unwrap();
        attempts.undo(&attempt, true);
        assert!(attempts.begin("a", network, Known::Browser, at(1)).is_ok());
        assert!(attempts.begin("a", network, Known::No, at(0)).is_err(), "forgiven in the browser alone");
    }

    #[test]
    fn a_burst_counts_before_it_is_judged() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
        let begun: Vec<_> = (0..50).filter_map(|_| attempts.begin("a", network, Known::No, at(0)).ok()).collect();
        assert_eq!(begun.len(), 5);
        // What came to nothing for another reason is as if it had not been.
        for attempt in &begun {
            attempts.undo(attempt, false);
        }
        assert_eq!(attempts.book().failures.len(), 0);
    }

    #[test]
    fn what_no_longer_counts_is_dropped() {
        let attempts = Attempts::default();
        let network = |i: u32| Network::V4(i.to_be_bytes());
        for i in 0..MOST as u32 {
            attempts.ask_mail(network(i), at(0)).unwrap();
        }
        attempts.ask_mail(network(MOST as u32), at(0)).unwrap();
        assert_eq!(attempts.book().failures.len(), MOST + 1, "they all count still");
        for i in 0..MOST as u32 {
            attempts.guess(network(i), at(10)).unwrap();
        }
        let left = attempts.book().failures.len();
        assert!(left <= MOST + 1, "{left}");
    }

    #[test]
    fn one_network_cannot_try_all_accounts() {
        let (attempts, network) = (Attempts::default(), Network::of(Some("2001:db8::1")));
        let passed = (0..100).filter(|i| fail(&attempts, &format!("user{i}"), network, at(0))).count();
        assert_eq!(passed, 50);
        // Who lives there and has signed in before still can.
        assert!(attempts.is_held_up("resident", network, at(0)));
        assert!(attempts.begin("resident", network, Known::No, at(0)).is_err());
        assert!(attempts.begin("resident", network, Known::Network, at(0)).is_ok());
        assert_eq!(Network::of(Some("2001:db8::ffff:1")), network);
        assert_ne!(Network::of(Some("2001:db8:0:1::1")), network);
        assert_eq!(Network::of(Some("::ffff:192.0.2.1")), Network::of(Some("192.0.2.1")));
    }
}
