//! When a delivery that was not taken is tried again.

use chrono::TimeDelta;

/// Seconds between one attempt and the next, growing to twenty hours.
pub const WAITS: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000];

/// How long to wait after so many attempts; `None` when it is given up.
pub fn next_wait(attempts_made: u32) -> Option<TimeDelta> {
    let index = usize::try_from(attempts_made.checked_sub(1)?).ok()?;
    WAITS.get(index).map(|seconds| TimeDelta::seconds((*seconds).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_within_three_days() {
        assert!(WAITS.is_sorted());
        let whole = TimeDelta::seconds(WAITS.iter().copied().map(i64::from).sum());
        assert!(whole < TimeDelta::days(3) && whole > TimeDelta::days(2), "{whole}");
    }

    #[test]
    fn the_first_attempt_waits_for_nothing_and_the_tenth_is_the_last() {
        assert_eq!(next_wait(0), None);
        assert_eq!(next_wait(1), Some(TimeDelta::seconds(5)));
        assert_eq!(next_wait(9), Some(TimeDelta::seconds(72_000)));
        assert_eq!(next_wait(10), None);
    }
}
