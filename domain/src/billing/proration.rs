//! Proration: what part of a period's amount belongs to the time before a moment, and what to the time after it.
//! Counted in whole seconds and integers; the two parts are the whole, exactly.

use super::{amount::Amount, subscription::Period};
use crate::Timestamp;

/// An amount cut at a moment: `used + unused` is the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    pub used: Amount,
    pub unused: Amount,
}

/// Cuts what `period` costs at `at`. The used part rounds half to even in the smallest unit that is paid (whole rupiah
/// for IDR), the unused part is the rest. A moment outside the period counts as its nearer end; a period of less than
/// a second is used.
pub fn split(whole: Amount, period: Period, at: Timestamp) -> Split {
    let used = whole.share((at - period.start).num_seconds(), (period.end - period.start).num_seconds());
    // Both lie between zero and the whole.
    let unused = whole.minus(used).unwrap_or(Amount::zero(whole.currency()));
    Split { used, unused }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Currency, Money,
        billing::{
            amount::tests::money,
            cycle::{
                nth_period,
                tests::{any_moment, recurring},
            },
        },
    };

    fn usd(amount: i64) -> Amount {
        Amount::new(amount, Currency::parse("usd").unwrap()).unwrap()
    }

    #[test]
    fn half_a_month_is_half_the_price() {
        let start: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        let period = Period { start, end: start + TimeDelta::days(30) };
        let half = split(usd(999), period, start + TimeDelta::days(15));
        assert_eq!((half.used, half.unused), (usd(500), usd(499)));
        let rupiah = Money::new(9_900_100, Currency::parse("idr").unwrap()).unwrap();
        let half = split(rupiah.into(), period, start + TimeDelta::days(15));
        assert_eq!((half.used.amount(), half.unused.amount()), (4_950_000, 4_950_100));
    }

    #[test]
    fn the_ends_are_all_or_nothing() {
        let start: Timestamp = "2026-04-01T00:00:00.500Z".parse().unwrap();
        let period = Period { start, end: start + TimeDelta::days(30) };
        assert_eq!(split(usd(999), period, start).used, usd(0));
        assert_eq!(split(usd(999), period, start - TimeDelta::days(9)).used, usd(0));
        assert_eq!(split(usd(999), period, period.end).unused, usd(0));
        assert_eq!(split(usd(999), period, period.end + TimeDelta::days(9)).unused, usd(0));
        assert_eq!(split(usd(999), Period { start, end: start }, start).unused, usd(0));
    }

    proptest! {
        #[test]
        fn parts_make_the_whole_through_any_chain(
            money in money(),
            anchor in any_moment(),
            interval in recurring(),
            n in 0_u32..100,
            mut cuts in prop::collection::vec(0.0_f64..1.0, 0..12),
        ) {
            let period = nth_period(anchor, interval, n).unwrap();
            cuts.sort_by(f64::total_cmp);
            let length = (period.end - period.start).num_milliseconds();
            let (mut rest, mut left) = (Amount::from(money), period);
            let mut spent = Amount::zero(money.currency());
            for cut in cuts {
                let at = period.start + TimeDelta::milliseconds((length as f64 * cut) as i64);
                let cut = split(rest, left, at);
                prop_assert_eq!(cut.used.plus(cut.unused), Ok(rest));
                prop_assert!(!cut.used.is_negative() && !cut.unused.is_negative());
                spent = spent.plus(cut.used).unwrap();
                (rest, left) = (cut.unused, Period { start: at, end: period.end });
            }
            prop_assert_eq!(spent.plus(rest), Ok(money.into()));
        }

        #[test]
        fn more_time_never_costs_less(
            money in money(), anchor in any_moment(), interval in recurring(), a in 0_i64..40_000_000, b in 0_i64..40_000_000,
        ) {
            let period = nth_period(anchor, interval, 0).unwrap();
            let used = |seconds| split(money.into(), period, anchor + TimeDelta::seconds(seconds)).used.amount();
            prop_assert!(used(a.min(b)) <= used(a.max(b)));
        }

        #[test]
        fn it_is_off_by_half_a_unit_at_most(money in money(), anchor in any_moment(), seconds in 0_i64..2_678_400) {
            let period = nth_period(anchor, super::super::price::Interval::Month, 0).unwrap();
            let used = split(money.into(), period, anchor + TimeDelta::seconds(seconds)).used;
            let length = i128::from((period.end - period.start).num_seconds());
            let exact = i128::from(money.amount()) * i128::from(seconds).min(length);
            let off = (i128::from(used.amount()) * length - exact).abs();
            prop_assert!(2 * off <= length * i128::from(money.currency().step()));
        }
    }
}
