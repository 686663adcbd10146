//! Dunning: when a failed charge is tried again, and when people are reminded of what is due.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Flaw, Problem, Timestamp, stored};

/// The schedule of an application, in days. Where it ends is another setting, the grace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Dunning {
    retries: Vec<u8>,
    remind_before: Vec<u8>,
    remind_after: Vec<u8>,
}

/// The schedule as people write it; what is left out has its default.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
struct Raw {
    retries: Vec<u8>,
    #[serde(alias = "remindBefore")]
    remind_before: Vec<u8>,
    #[serde(alias = "remindAfter")]
    remind_after: Vec<u8>,
}

impl Default for Raw {
    fn default() -> Self {
        Self { retries: vec![1, 3, 5], remind_before: vec![3, 0], remind_after: vec![3, 6] }
    }
}

impl Default for Dunning {
    fn default() -> Self {
        let Raw { retries, remind_before, remind_after } = Raw::default();
        Self { retries, remind_before, remind_after }
    }
}

impl TryFrom<Raw> for Dunning {
    type Error = Problem;

    fn try_from(raw: Raw) -> Result<Self, Problem> {
        let Raw { retries, remind_before, remind_after } = raw;
        if stored::is_being_read() {
            return Ok(Self { retries, remind_before, remind_after });
        }
        Self::new(retries, remind_before, remind_after)
    }
}

impl Dunning {
    /// The most entries of one list.
    pub const MAX_STEPS: usize = 8;
    /// The farthest day.
    pub const MAX_DAYS: u8 = 60;

    /// # Errors
    /// As [`Self::parse`], on the field at fault.
    pub fn new(retries: Vec<u8>, remind_before: Vec<u8>, remind_after: Vec<u8>) -> Result<Self, Problem> {
        let (steps, max) = (Self::MAX_STEPS, Self::MAX_DAYS);
        let allowed = |days: &[u8], min: u8| days.len() <= steps && days.iter().all(|day| (min..=max).contains(day));
        if !allowed(&retries, 1) || !retries.is_sorted_by(|a, b| a < b) {
            return Err(Problem::field("retries", Flaw::Growing { steps, min: 1, max }));
        }
        if !allowed(&remind_before, 0) || !remind_before.is_sorted_by(|a, b| a > b) {
            return Err(Problem::field("remindBefore", Flaw::Falling { steps, min: 0, max }));
        }
        if !allowed(&remind_after, 1) || !remind_after.is_sorted_by(|a, b| a < b) {
            return Err(Problem::field("remindAfter", Flaw::Growing { steps, min: 1, max }));
        }
        Ok(Self { retries, remind_before, remind_after })
    }

    /// The days after the first failed charge on which it is tried again.
    pub fn retries(&self) -> &[u8] {
        &self.retries
    }

    /// The days before an invoice is due on which people are reminded, the farthest first.
    pub fn remind_before(&self) -> &[u8] {
        &self.remind_before
    }

    /// The days after that.
    pub fn remind_after(&self) -> &[u8] {
        &self.remind_after
    }

    /// Reads `{"retries": [1, 3, 5], "remind_before": [3, 0], "remind_after": [3, 6]}`, also in camelCase; what is left
    /// out has these defaults.
    ///
    /// # Errors
    /// `APP_001` on the field at fault, or on `dunning`: retries and reminders after grow from 1, reminders before fall
    /// to 0 at least, all at most [`Self::MAX_DAYS`] and [`Self::MAX_STEPS`].
    pub fn parse(value: Value) -> Result<Self, Problem> {
        let raw: Option<Raw> = value.is_object().then(|| serde_json::from_value(value).ok()).flatten();
        let expected = "must be an object of lists of days: retries, remindBefore, remindAfter";
        raw.ok_or_else(|| Problem::field("dunning", expected))?.try_into()
    }

    /// When the charge is tried again after `failed` attempts failed, the first one at `first_failure`; `None` when it
    /// is not.
    pub fn next_attempt(&self, first_failure: Timestamp, failed: u32) -> Option<Timestamp> {
        let index = usize::try_from(failed.checked_sub(1)?).ok()?;
        first_failure.checked_add_signed(days(*self.retries.get(index)?))
    }

    /// When an invoice that people pay by a link is made: early enough for the first reminder.
    pub fn invoice_at(&self, due_at: Timestamp) -> Timestamp {
        let first = self.remind_before.first().copied().unwrap_or(0);
        due_at.checked_sub_signed(days(first)).unwrap_or(due_at)
    }

    /// The next reminder of an invoice that is due at `due_at`: not before `from`, and after the last one at `last`.
    pub fn next_reminder(&self, due_at: Timestamp, from: Timestamp, last: Option<Timestamp>) -> Option<Timestamp> {
        let before = self.remind_before.iter().filter_map(|day| due_at.checked_sub_signed(days(*day)));
        let after = self.remind_after.iter().filter_map(|day| due_at.checked_add_signed(days(*day)));
        before.chain(after).find(|at| *at >= from && last.is_none_or(|last| *at > last))
    }
}

/// Days for which a provider that renews by itself may say nothing of a period that has begun, and of the grace after
/// that: it collects some time after the beginning, whatever the grace is.
pub const fn silence(grace_days: u8) -> u8 {
    if grace_days < 3 { 3 } else { grace_days }
}

/// The end of a grace of `grace_days` that began at `since`.
pub fn grace_until(since: Timestamp, grace_days: u8) -> Timestamp {
    since.checked_add_signed(days(grace_days)).unwrap_or(since)
}

fn days(days: u8) -> TimeDelta {
    TimeDelta::days(days.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::billing::subscription::tests::epoch;

    fn day(n: i64) -> Timestamp {
        epoch() + TimeDelta::days(n)
    }

    #[test]
    fn the_default_is_what_is_left_out() {
        assert_eq!(Dunning::parse(json!({})).unwrap(), Dunning::default());
        let retries = Dunning::parse(json!({"retries": [2], "remindAfter": []})).unwrap();
        assert_eq!((retries.next_attempt(epoch(), 1), retries.next_attempt(epoch(), 2)), (Some(day(2)), None));
        assert_eq!(retries.next_reminder(day(9), day(9), Some(day(9))), None);
        let text = serde_json::to_string(&retries).unwrap();
        assert_eq!(serde_json::from_str::<Dunning>(&text).unwrap(), retries);
    }

    #[test]
    fn retries_are_counted_from_the_first_failure() {
        let dunning = Dunning::default();
        let attempts: Vec<_> = (0..=4).map(|failed| dunning.next_attempt(epoch(), failed)).collect();
        assert_eq!(attempts, [None, Some(day(1)), Some(day(3)), Some(day(5)), None]);
    }

    #[test]
    fn reminders_come_in_order_and_once() {
        let dunning = Dunning::default();
        let all: Vec<_> = std::iter::successors(dunning.next_reminder(day(10), day(0), None), |last| {
            dunning.next_reminder(day(10), day(0), Some(*last))
        })
        .collect();
        assert_eq!(all, [day(7), day(10), day(13), day(16)]);
        assert_eq!(dunning.next_reminder(day(10), day(9), None), Some(day(10)));
        assert_eq!(dunning.invoice_at(day(10)), day(7));
    }

    #[test]
    fn it_refuses_what_makes_no_schedule() {
        for bad in [
            json!([]),
            json!({"retries": [0]}),
            json!({"retries": [61]}),
            json!({"retries": [3, 1]}),
            json!({"retries": [1, 1]}),
            json!({"retries": [1, 2, 3, 4, 5, 6, 7, 8, 9]}),
            json!({"retries": [1.5]}),
            json!({"remindBefore": [0, 3]}),
            json!({"remindAfter": [0]}),
            json!({"retry": [1]}),
        ] {
            assert!(Dunning::parse(bad.clone()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn attempts_move_forward_and_end(mut retries in prop::collection::btree_set(1_u8..=60, 0..=8)) {
            retries.insert(1);
            let retries: Vec<u8> = retries.into_iter().take(8).collect();
            let dunning = Dunning::parse(json!({"retries": retries})).unwrap();
            let mut last = epoch();
            for failed in 1..=retries.len() {
                let at = dunning.next_attempt(epoch(), failed as u32).unwrap();
                prop_assert!(at > last);
                last = at;
            }
            prop_assert_eq!(dunning.next_attempt(epoch(), retries.len() as u32 + 1), None);
        }
    }
}
