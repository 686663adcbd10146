//! What a running period is worth: what its whole length costs at the current price, with what was taken off.

use super::{
    amount::Amount,
    quote::{LineKind, Quote},
};
use crate::Money;

/// The worth of a period at `price`, charged by `charge`: the discount of that charge, in proportion.
pub fn worth(price: Money, charge: Option<&Quote>) -> Money {
    let Some(quote) = charge else { return price };
    let sum = |kinds: &[LineKind]| -> i64 {
        let lines = quote.lines.iter().filter(|line| kinds.contains(&line.kind));
        lines.map(|line| line.amount.amount()).sum()
    };
    let (base, off) = (sum(&[LineKind::Plan, LineKind::RemainingTime]), sum(&[LineKind::Discount]));
    let whole = Amount::from(price);
    if base <= 0 {
        return price;
    }
    whole.minus(whole.share(-off, base)).map_or(price, Amount::above_zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Currency,
        billing::quote::{Line, QuoteKind},
        id::PlanId,
    };

    fn charge(kind: LineKind, base: i64, off: i64) -> Quote {
        let currency = Currency::parse("usd").unwrap();
        let plan_id = PlanId::from(uuid::Uuid::nil());
        let line = |kind, amount| Line { kind, amount: Amount::new(amount, currency).unwrap(), plan_id, period: None };
        let zero = Money::zero(currency);
        Quote {
            kind: QuoteKind::New,
            plan_id,
            price_id: None,
            lines: vec![line(kind, base), line(LineKind::Discount, off)],
            due: zero,
            credit_used: zero,
            credit_added: zero,
            credit_left: zero,
            foreign_credit: None,
            period: None,
            anchor: None,
            trial_ends: None,
            takes_method: false,
            scheduled: None,
            next: None,
            coupon: None,
            discount: None,
        }
    }

    #[test]
    fn a_discount_counts_for_the_whole_period() {
        let price = Money::new(1000, Currency::parse("usd").unwrap()).unwrap();
        assert_eq!(worth(price, None).amount(), 1000);
        assert_eq!(worth(price, Some(&charge(LineKind::Plan, 1000, -250))).amount(), 750);
        assert_eq!(worth(price, Some(&charge(LineKind::RemainingTime, 500, -125))).amount(), 750);
        assert_eq!(worth(price, Some(&charge(LineKind::RemainingTime, 0, 0))).amount(), 1000);
    }
}
