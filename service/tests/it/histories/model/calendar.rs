//! Periods and discounts.

use chrono::Months;
use domain::Timestamp;

use super::{Span, quote::Discount};
use crate::histories::catalogue::{COUPONS, Every, Lasts, PRICES};

/// The period of a price that begins at `start`; none for a price that is paid once.
pub fn first_period(start: Timestamp, every: Every) -> Option<Span> {
    Some((start, start + Months::new(every.months()?)))
}

/// The period that begins at `start`, counted from `anchor` where that leads to it, and what it is counted from.
pub(super) fn following(anchor: Timestamp, start: Timestamp, every: Every) -> (Timestamp, Span) {
    let Some(months) = every.months() else { return (start, (start, start)) };
    let ends = |n: u32| anchor + Months::new(n * months);
    let counted = (0..).map(ends).take_while(|end| *end <= start).last() == Some(start);
    if !counted {
        return (start, (start, start + Months::new(months)));
    }
    let n = (0..).take_while(|n| ends(*n) <= start).count() as u32;
    (anchor, (start, ends(n)))
}

/// What is left of a discount after one whole charge.
pub fn after_charge(discount: Discount, every: Every) -> Option<Discount> {
    let left = match (discount.left, every.months()) {
        (Lasts::Forever, _) => Lasts::Forever,
        (Lasts::Months(left), Some(months)) if left > months => Lasts::Months(left - months),
        _ => return None,
    };
    Some(Discount { left, ..discount })
}

/// Whether a coupon is for the plan of a price.
pub fn covers(discount: Discount, price: usize) -> bool {
    COUPONS[discount.coupon].plan.is_none_or(|plan| plan == PRICES[price].plan)
}
