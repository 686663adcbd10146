//! What was counted, and how long somebody waits for it.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::{ErrorCode, Problem, Timestamp};

use super::key::{Budget, Key};
use crate::{Error, Result};

/// How often somebody failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failures {
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
            // Not when the last one came: of two at once, the other may have read the clock before it.
            return Timestamp::MIN_UTC;
        }
        let wait = TimeDelta::seconds(1_i64 << over.min(20));
        self.last + wait.min(budget.longest_wait)
    }
}

/// Beyond this many, those that no longer count are dropped.
pub(super) const MOST: usize = 100_000;

/// What was counted, by whom it counts.
#[derive(Default)]
pub(super) struct Book {
    pub(super) failures: HashMap<Key, Failures>,
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

    pub(super) fn free_at(&mut self, key: &Key, now: Timestamp) -> Timestamp {
        self.past(key, now).map_or(now, |past| past.free_at(&key.budget()))
    }

    /// # Errors
    /// The key's code with the fact `retryAfter` in seconds, until it is free.
    pub(super) fn judge(&mut self, key: &Key, now: Timestamp) -> Result<()> {
        let free_at = self.free_at(key, now);
        if free_at > now { Err(wait(key.code(), free_at - now)) } else { Ok(()) }
    }

    pub(super) fn count(&mut self, key: &Key, now: Timestamp) {
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
    pub(super) fn forgive(&mut self, key: &Key) {
        if let Some(past) = self.failures.get_mut(key) {
            past.count -= 1;
            if past.count <= 0 {
                self.failures.remove(key);
            }
        }
    }
}

pub(super) fn wait(code: ErrorCode, time: TimeDelta) -> Error {
    let why = if code == ErrorCode::RateLimited { "too many requests" } else { "too many attempts" };
    Problem::wait(code, why, time).into()
}
