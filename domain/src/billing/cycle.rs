//! The calendar of billing, in UTC. Every period is counted from one anchor, so that a subscription of 31 January is
//! due on 28 February and again on 31 March: month ends never drift.

use chrono::{Datelike, Months};

use super::{price::Interval, subscription::Period};
use crate::Timestamp;

impl Interval {
    /// Calendar months from one charge to the next; `None` where there is only one charge.
    pub const fn months(self) -> Option<u32> {
        match self {
            Self::Month => Some(1),
            Self::Year => Some(12),
            Self::OneTime => None,
        }
    }

    /// The end of the `n`-th period counted from `anchor` (the anchor itself for 0), at the anchor's time of day to
    /// the millisecond. `None` for a one-time price, and beyond the calendar.
    pub fn after(self, anchor: Timestamp, n: u32) -> Option<Timestamp> {
        anchor.checked_add_months(Months::new(self.months()?.checked_mul(n)?))
    }
}

/// The period number `n` of `anchor`, the first being 0. `None` for a one-time price, and beyond the calendar.
pub fn nth_period(anchor: Timestamp, interval: Interval, n: u32) -> Option<Period> {
    Some(Period { start: interval.after(anchor, n)?, end: interval.after(anchor, n.checked_add(1)?)? })
}

/// The period of `anchor` that holds `moment`. `None` for a one-time price, before the anchor, and beyond the calendar.
pub fn period_at(anchor: Timestamp, interval: Interval, moment: Timestamp) -> Option<Period> {
    let months = i64::from(interval.months()?);
    let index = |at: Timestamp| i64::from(at.year()) * 12 + i64::from(at.month0());
    let n = u32::try_from((index(moment) - index(anchor)).div_euclid(months)).ok()?;
    let period = nth_period(anchor, interval, n)?;
    if period.start <= moment { Some(period) } else { nth_period(anchor, interval, n.checked_sub(1)?) }
}

/// A period with the anchor that it and its successors are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchored {
    pub anchor: Timestamp,
    pub period: Period,
}

impl Anchored {
    /// The first period of an anchor at `start`. `None` for a one-time price.
    pub fn starting(start: Timestamp, interval: Interval) -> Option<Self> {
        Some(Self { anchor: start, period: nth_period(start, interval, 0)? })
    }

    /// The period that begins where one ended at `end`: counted from `anchor` where `end` is one of its period ends,
    /// else from `end` itself, as when a monthly subscription becomes a yearly one. `None` for a one-time price.
    pub fn following(anchor: Timestamp, interval: Interval, end: Timestamp) -> Option<Self> {
        match period_at(anchor, interval, end) {
            Some(period) if period.start == end => Some(Self { anchor, period }),
            _ => Self::starting(end, interval),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::{DateTime, FixedOffset, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Any millisecond from 2000 to 2100.
    pub(crate) fn any_moment() -> impl Strategy<Value = Timestamp> {
        (946_684_800_000_i64..4_102_444_800_000).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
    }

    pub(crate) fn recurring() -> impl Strategy<Value = Interval> {
        prop::sample::select(vec![Interval::Month, Interval::Year])
    }

    #[test]
    fn month_ends_do_not_drift() {
        let anchor = moment("2026-01-31T23:59:59.999Z");
        let ends: Vec<_> = (1..=4).map(|n| Interval::Month.after(anchor, n).unwrap()).collect();
        let expected = ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"];
        assert_eq!(ends, expected.map(|day| moment(&format!("{day}T23:59:59.999Z"))));
    }

    #[test]
    fn a_leap_day_returns_in_leap_years() {
        let anchor = moment("2024-02-29T12:00:00Z");
        assert_eq!(Interval::Year.after(anchor, 1), Some(moment("2025-02-28T12:00:00Z")));
        assert_eq!(Interval::Year.after(anchor, 4), Some(moment("2028-02-29T12:00:00Z")));
        assert_eq!(Interval::Month.after(anchor, 12), Some(moment("2025-02-28T12:00:00Z")));
        assert_eq!(Interval::Year.after(anchor, 76), Some(moment("2100-02-28T12:00:00Z")));
    }

    #[test]
    fn one_time_has_no_periods() {
        let anchor = moment("2026-01-01T00:00:00Z");
        assert_eq!(Interval::OneTime.after(anchor, 1), None);
        assert_eq!(period_at(anchor, Interval::OneTime, anchor), None);
        assert_eq!(Anchored::starting(anchor, Interval::OneTime), None);
    }

    #[test]
    fn a_longer_interval_starts_its_own_count() {
        let anchor = moment("2026-01-31T00:00:00Z");
        let end = moment("2026-02-28T00:00:00Z");
        let monthly = Anchored::following(anchor, Interval::Month, end).unwrap();
        assert_eq!((monthly.anchor, monthly.period.end), (anchor, moment("2026-03-31T00:00:00Z")));
        let yearly = Anchored::following(anchor, Interval::Year, end).unwrap();
        assert_eq!((yearly.anchor, yearly.period.end), (end, moment("2027-02-28T00:00:00Z")));
    }

    proptest! {
        #[test]
        fn periods_tile_a_century(anchor in any_moment(), interval in recurring(), n in 0_u32..1200) {
            let n = if interval == Interval::Year { n / 12 } else { n };
            let (period, next) = (nth_period(anchor, interval, n).unwrap(), nth_period(anchor, interval, n + 1).unwrap());
            prop_assert!(period.start < period.end);
            prop_assert_eq!(period.end, next.start);
            prop_assert_eq!(period.start.time(), anchor.time());
            prop_assert!(period.start.day() <= anchor.day() && period.start.day() >= anchor.day().min(28));
            let last = next.start - TimeDelta::milliseconds(1);
            for inside in [period.start, last] {
                prop_assert_eq!(period_at(anchor, interval, inside), Some(period));
            }
            let followed = Anchored::following(anchor, interval, period.end);
            prop_assert_eq!(followed, Some(Anchored { anchor, period: next }));
        }

        #[test]
        fn every_moment_has_its_period(anchor in any_moment(), interval in recurring(), at in any_moment()) {
            match period_at(anchor, interval, at) {
                Some(period) => prop_assert!(period.start <= at && at < period.end),
                None => prop_assert!(at < anchor),
            }
        }

        #[test]
        fn the_zone_in_which_it_is_written_does_not_matter(
            anchor in any_moment(), at in any_moment(), zone in -14_i32..=14, interval in recurring(),
        ) {
            let offset = FixedOffset::east_opt(zone * 3600).unwrap();
            let written = anchor.with_timezone(&offset).to_rfc3339();
            prop_assert_eq!(period_at(moment(&written), interval, at), period_at(anchor, interval, at));
        }
    }
}
