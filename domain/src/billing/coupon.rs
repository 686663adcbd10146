//! Coupons: what they take off, who may redeem them, and what is left of them afterwards.

use serde::{Deserialize, Serialize};

use super::{amount::Amount, price::Interval};
use crate::{
    Flaw, Money, Problem, Timestamp,
    id::{ApplicationId, CouponId, PlanId},
    text::text,
};

text!(
    /// What people type: 3 to 32 characters of `A-Z`, `0-9`, `_` and `-`. Small letters and spaces around it are
    /// accepted and gone.
    CouponCode,
    |text| {
        let code = text.trim().to_ascii_uppercase();
        let allowed = code.bytes().all(|c| matches!(c, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-'));
        if !allowed || !(3..=32).contains(&code.len()) {
            return Err("must have 3 to 32 characters of A-Z, 0-9, _ and -".into());
        }
        Ok(code)
    }
);

/// A share in hundredths of a percent, 1 to 10000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// # Errors
    /// `APP_001` on the field `basisPoints` when `points` lies outside 1 to 10000.
    pub fn parse(points: i64) -> Result<Self, Problem> {
        u16::try_from(points)
            .ok()
            .filter(|points| (1..=10_000).contains(points))
            .map(Self)
            .ok_or_else(|| Problem::field("basisPoints", "must be 1 to 10000"))
    }

    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for BasisPoints {
    type Error = Problem;

    fn try_from(points: i64) -> Result<Self, Problem> {
        Self::parse(points)
    }
}

/// What a coupon takes off a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// A share, rounded half to even.
    Percent(BasisPoints),
    /// A fixed amount, from charges in its currency only.
    Amount(Money),
}

/// For how long a discount lasts, or how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// One charge.
    Once,
    /// The charges of so many months; a yearly charge counts twelve, and takes the discount whole.
    Months(u16),
    Forever,
}

impl Duration {
    /// The most months that a coupon may last.
    pub const MAX_MONTHS: u16 = 120;

    /// A coupon's duration of so many months.
    ///
    /// # Errors
    /// `APP_001` on the field `months` when it lies outside 1 to [`Self::MAX_MONTHS`].
    pub fn months(months: i64) -> Result<Self, Problem> {
        u16::try_from(months)
            .ok()
            .filter(|months| (1..=Self::MAX_MONTHS).contains(months))
            .map(Self::Months)
            .ok_or_else(|| Problem::field("months", format!("must be 1 to {}", Self::MAX_MONTHS)))
    }

    /// What is left after one charge of `interval`.
    fn after(self, interval: Interval) -> Option<Self> {
        match (self, interval.months()) {
            (Self::Forever, _) => Some(Self::Forever),
            (Self::Months(left), Some(months)) => {
                let left = u32::from(left).checked_sub(months).and_then(|left| u16::try_from(left).ok())?;
                (left > 0).then_some(Self::Months(left))
            }
            (Self::Once | Self::Months(_), _) => None,
        }
    }
}

/// A coupon of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    pub id: CouponId,
    pub application_id: ApplicationId,
    /// Unique in the application.
    pub code: CouponCode,
    pub off: Off,
    pub duration: Duration,
    /// How many users may redeem it; `None` for any number.
    pub cap: Option<u32>,
    /// It cannot be redeemed from this moment on; what was redeemed before goes on.
    pub expires_at: Option<Timestamp>,
    /// The plans that it is for; empty for every plan.
    pub plans: Vec<PlanId>,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// An attempt to redeem a coupon, with what decides about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    pub now: Timestamp,
    pub plan_id: PlanId,
    /// What the chosen price asks for.
    pub price: Money,
    /// How often anybody redeemed it so far, reservations of open orders included.
    pub redeemed: u32,
    /// Whether this user redeemed it before.
    pub by_user: bool,
}

/// Why a coupon was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("the coupon is no longer offered")]
    Archived,
    #[error("the coupon has expired")]
    Expired,
    #[error("the coupon has been used up")]
    UsedUp,
    #[error("you have used this coupon before")]
    UsedBefore,
    #[error("the coupon is for another plan")]
    OtherPlan,
    #[error("the coupon is in another currency")]
    OtherCurrency,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::field("coupon", Flaw::Coupon(refusal))
    }
}

impl Coupon {
    /// The discount that it gives.
    ///
    /// # Errors
    /// The first [`Refusal`] that applies.
    pub fn redeem(&self, redemption: &Redemption) -> Result<Discount, Refusal> {
        let discount =
            Discount { coupon_id: self.id, off: self.off, remaining: self.duration, plans: self.plans.clone() };
        let refusals = [
            (self.archived_at.is_some(), Refusal::Archived),
            (self.expires_at.is_some_and(|at| at <= redemption.now), Refusal::Expired),
            (redemption.by_user, Refusal::UsedBefore),
            (self.cap.is_some_and(|cap| cap <= redemption.redeemed), Refusal::UsedUp),
            (!discount.covers(redemption.plan_id), Refusal::OtherPlan),
            (!discount.applies_in(redemption.price), Refusal::OtherCurrency),
        ];
        match refusals.into_iter().find(|(applies, _)| *applies) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(discount),
        }
    }
}

/// A redeemed coupon on a subscription or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    pub coupon_id: CouponId,
    pub off: Off,
    /// What is left of it, the next charge included.
    pub remaining: Duration,
    /// The plans that it is for; empty for every plan. It rests, and is not used up, on another one.
    pub plans: Vec<PlanId>,
}

impl Discount {
    pub fn covers(&self, plan_id: PlanId) -> bool {
        self.plans.is_empty() || self.plans.contains(&plan_id)
    }

    fn applies_in(&self, charge: Money) -> bool {
        match self.off {
            Off::Percent(_) => true,
            Off::Amount(money) => money.currency() == charge.currency(),
        }
    }

    /// What it takes off `charge`: never negative, never more than the charge; nothing of another currency.
    pub fn discount_of(&self, charge: Money) -> Amount {
        match self.off {
            Off::Percent(points) => Amount::from(charge).share(points.get().into(), 10_000),
            Off::Amount(money) if self.applies_in(charge) => {
                Amount::from(if money.amount() < charge.amount() { money } else { charge })
            }
            Off::Amount(_) => Amount::zero(charge.currency()),
        }
    }

    /// What is left after it was applied to one charge of `interval`.
    pub fn next(self, interval: Interval) -> Option<Self> {
        let remaining = self.remaining.after(interval)?;
        Some(Self { remaining, ..self })
    }

    /// What is left after a charge for a part of a period: only [`Duration::Once`] is used up by it.
    pub fn next_in_period(self) -> Option<Self> {
        (self.remaining != Duration::Once).then_some(self)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Currency,
        billing::{amount::tests::money, subscription::tests::epoch},
    };

    fn usd(amount: i64) -> Money {
        Money::new(amount, Currency::parse("usd").unwrap()).unwrap()
    }

    pub(crate) fn discount(off: Off, remaining: Duration) -> Discount {
        Discount { coupon_id: Uuid::nil().into(), off, remaining, plans: vec![] }
    }

    pub(crate) fn off() -> impl Strategy<Value = Off> {
        prop_oneof![
            (1_i64..=10_000).prop_map(|points| Off::Percent(BasisPoints::parse(points).unwrap())),
            money().prop_map(Off::Amount),
        ]
    }

    pub(crate) fn duration() -> impl Strategy<Value = Duration> {
        prop_oneof![Just(Duration::Once), (1_u16..24).prop_map(Duration::Months), Just(Duration::Forever)]
    }

    fn coupon() -> Coupon {
        Coupon {
            id: Uuid::nil().into(),
            application_id: Uuid::nil().into(),
            code: CouponCode::parse("welcome").unwrap(),
            off: Off::Amount(usd(500)),
            duration: Duration::Once,
            cap: Some(2),
            expires_at: Some(epoch() + TimeDelta::days(1)),
            plans: vec![Uuid::nil().into()],
            archived_at: None,
            created_at: epoch(),
        }
    }

    fn redemption() -> Redemption {
        Redemption { now: epoch(), plan_id: Uuid::nil().into(), price: usd(999), redeemed: 0, by_user: false }
    }

    #[test]
    fn codes_are_written_in_capitals() {
        assert_eq!(CouponCode::parse(" summer_26-x ").unwrap().as_str(), "SUMMER_26-X");
        for bad in ["ab", "", "a b c", "ümlaut", &"x".repeat(33)] {
            assert!(CouponCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_rule_refuses() {
        let (coupon, good) = (coupon(), redemption());
        assert!(coupon.redeem(&good).is_ok());
        let yen = Money::new(5, Currency::parse("jpy").unwrap()).unwrap();
        let cases = [
            (Redemption { now: epoch() + TimeDelta::days(1), ..good }, Refusal::Expired),
            (Redemption { redeemed: 2, ..good }, Refusal::UsedUp),
            (Redemption { by_user: true, ..good }, Refusal::UsedBefore),
            (Redemption { plan_id: Uuid::max().into(), ..good }, Refusal::OtherPlan),
            (Redemption { price: yen, ..good }, Refusal::OtherCurrency),
        ];
        for (redemption, refusal) in cases {
            assert_eq!(coupon.redeem(&redemption), Err(refusal));
        }
        let archived = Coupon { archived_at: Some(epoch()), ..coupon };
        assert_eq!(archived.redeem(&good), Err(Refusal::Archived));
        assert_eq!(Problem::from(Refusal::Expired).fields[0].field, "coupon");
    }

    #[test]
    fn months_run_out_by_month_and_by_year() {
        let three = discount(Off::Amount(usd(1)), Duration::Months(3));
        let charges = std::iter::successors(Some(three.clone()), |left| left.clone().next(Interval::Month)).count();
        assert_eq!(charges, 3);
        assert_eq!(three.clone().next(Interval::Year), None);
        assert_eq!(three.clone().next_in_period(), Some(three));
        assert_eq!(discount(Off::Amount(usd(1)), Duration::Once).next_in_period(), None);
    }

    proptest! {
        #[test]
        fn it_never_takes_more_than_there_is(off in off(), remaining in duration(), charge in money()) {
            let taken = discount(off, remaining).discount_of(charge);
            prop_assert_eq!(taken.currency(), charge.currency());
            prop_assert!((0..=charge.amount()).contains(&taken.amount()));
        }

        #[test]
        fn the_whole_percent_takes_everything(charge in money()) {
            let all = Off::Percent(BasisPoints::parse(10_000).unwrap());
            prop_assert_eq!(discount(all, Duration::Once).discount_of(charge), charge.into());
        }

        #[test]
        fn stored_and_read_it_is_the_same(off in off(), remaining in duration()) {
            let it = discount(off, remaining);
            let text = serde_json::to_string(&it).unwrap();
            prop_assert_eq!(serde_json::from_str::<Discount>(&text).unwrap(), it);
        }
    }
}
