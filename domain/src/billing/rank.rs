//! Which of two plans is the higher one: upgrades take effect now, everything else at the end of the period.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{
    plan::Plan,
    price::{Interval, Price},
};
use crate::id::{PlanId, PriceId};

/// A plan with one of its prices, as somebody holds it or wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier<'a> {
    pub plan_id: PlanId,
    /// The plan's position; a larger one is the higher plan.
    pub position: i32,
    pub price: Option<&'a Price>,
}

/// Where a change leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Upgrade,
    Downgrade,
    /// Neither: the same plan, for the same money per month.
    Same,
}

impl<'a> Tier<'a> {
    pub const fn new(plan: &'a Plan, price: Option<&'a Price>) -> Self {
        Self { plan_id: plan.id, position: plan.position, price }
    }

    /// The price's id; `None` without a price.
    pub fn price_id(self) -> Option<PriceId> {
        self.price.map(|price| price.id)
    }

    /// The price that costs something; `None` for a plan that is free.
    pub fn charged(self) -> Option<&'a Price> {
        self.price.filter(|price| !price.money.is_zero())
    }

    /// Where a change from this to `wanted` leads: a higher price per month (a year counts a twelfth, one-time is above
    /// both) is an upgrade; what costs nothing is below what costs something. Across currencies, and where prices say
    /// nothing, the position decides.
    pub fn direction(self, wanted: Self) -> Direction {
        let by_price = match (self.charged(), wanted.charged()) {
            (Some(from), Some(to)) if from.money.currency() == to.money.currency() => per_year(to).cmp(&per_year(from)),
            (Some(_), Some(_)) | (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        match by_price.then(wanted.position.cmp(&self.position)) {
            Ordering::Greater => Direction::Upgrade,
            Ordering::Less => Direction::Downgrade,
            Ordering::Equal => Direction::Same,
        }
    }
}

/// Orders prices of one currency: one-time above everything, then by twelve times the price per month.
fn per_year(price: &Price) -> (bool, i128) {
    let amount = i128::from(price.money.amount());
    match price.interval {
        Interval::Month => (false, amount * 12),
        Interval::Year => (false, amount),
        Interval::OneTime => (true, amount),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Money,
        billing::{amount::tests::money, price::PriceName, subscription::tests::epoch},
    };

    /// A price of the plan `plan`; its id says its terms.
    pub(crate) fn price(plan: u128, money: Money, interval: Interval) -> Price {
        let id = plan << 64 | u128::from(money.amount().unsigned_abs()) << 2 | interval as u128;
        Price {
            id: Uuid::from_u128(id).into(),
            plan_id: Uuid::from_u128(plan).into(),
            name: PriceName::parse("Price").unwrap(),
            money,
            interval,
            trial_days: None,
            stripe_price_id: None,
            archived_at: None,
            created_at: epoch(),
        }
    }

    pub(crate) fn tier(plan: u128, price: Option<&Price>) -> Tier<'_> {
        Tier { plan_id: Uuid::from_u128(plan).into(), position: plan as i32, price }
    }

    fn usd(amount: i64) -> Money {
        Money::new(amount, "usd".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_year_counts_a_twelfth() {
        let monthly = price(1, usd(999), Interval::Month);
        let cheaper = price(1, usd(11_987), Interval::Year);
        let same = price(1, usd(11_988), Interval::Year);
        let dearer = price(1, usd(11_989), Interval::Year);
        let direction = |to| tier(1, Some(&monthly)).direction(tier(1, Some(to)));
        assert_eq!(direction(&cheaper), Direction::Downgrade);
        assert_eq!(direction(&same), Direction::Same);
        assert_eq!(direction(&dearer), Direction::Upgrade);
        assert_eq!(direction(&price(1, usd(1), Interval::OneTime)), Direction::Upgrade);
    }

    #[test]
    fn position_decides_where_prices_do_not() {
        let dollars = price(2, usd(1), Interval::Month);
        let yen = price(1, Money::new(9000, "jpy".parse().unwrap()).unwrap(), Interval::Month);
        assert_eq!(tier(1, Some(&yen)).direction(tier(2, Some(&dollars))), Direction::Upgrade);
        assert_eq!(tier(2, None).direction(tier(1, None)), Direction::Downgrade);
        assert_eq!(tier(1, Some(&yen)).direction(tier(9, None)), Direction::Downgrade);
    }

    proptest! {
        #[test]
        fn there_and_back_are_opposite(
            a in money(), b in money(), one in 0..3_usize, two in 0..3_usize, p in 0_u128..3, q in 0_u128..3,
        ) {
            let intervals = [Interval::Month, Interval::Year, Interval::OneTime];
            let (a, b) = (price(p, a, intervals[one]), price(q, b, intervals[two]));
            let (a, b) = (tier(p, Some(&a)), tier(q, Some(&b)));
            let opposite = match a.direction(b) {
                Direction::Upgrade => Direction::Downgrade,
                Direction::Downgrade => Direction::Upgrade,
                Direction::Same => Direction::Same,
            };
            prop_assert_eq!(b.direction(a), opposite);
        }
    }
}
