//! What a subscription has to be told of its end. Stripe knows two kinds: with the period, wherever that moves, and at
//! a date. A customer who cancels in its portal gets a date, in flexible billing mode; the API takes any.

use super::bring::seconds;
use crate::payment::{Ending, Wanted, stripe::answers::Subscription};

/// How much a date may differ from ours, which knows parts of a second.
const ROUNDED: i64 = 1;

/// One of the parameters for it: Stripe refuses more of them in one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Whether it ends with its period.
    WithPeriod(bool),
    At(i64),
    NoDate,
}

/// What brings it to the end that is wanted, where its period ends at `period_ends` from now on; `None` when nothing
/// has to be told.
pub(super) fn end_of(found: &Subscription, wanted: &Wanted, period_ends: Option<i64>) -> Option<End> {
    let with_period = found.cancel_at_period_end;
    if wanted.ending != Ending::AtPeriodEnd {
        return if with_period { Some(End::WithPeriod(false)) } else { found.cancel_at.map(|_| End::NoDate) };
    }
    let ends = if with_period { period_ends } else { found.cancel_at };
    let wanted_at = wanted.ends_at.map(seconds).or(period_ends);
    if ends.zip(wanted_at).is_some_and(|(ends, at)| (ends - at).abs() <= ROUNDED) {
        return None;
    }
    match (ends, wanted_at.filter(|at| period_ends.is_some_and(|end| *at > end + ROUNDED))) {
        // Such a date was set at Stripe, where it may have become another since.
        (Some(_), Some(_)) => None,
        (None, Some(at)) => Some(End::At(at)),
        (_, None) => (!with_period).then_some(End::WithPeriod(true)),
    }
}
