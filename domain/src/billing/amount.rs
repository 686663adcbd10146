//! Signed money: credits, discounts, prorations and refunds. A [`Money`] is one that is not negative.

use serde::{Deserialize, Serialize};

use crate::{Currency, Locale, Money, Problem};

/// Why amounts did not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("{} and {} do not mix", left.code(), right.code())]
    Currencies { left: Currency, right: Currency },
    #[error("the amount is out of range")]
    Range,
    #[error("IDR amounts are whole rupiah")]
    Fraction,
}

impl From<AmountError> for Problem {
    fn from(error: AmountError) -> Self {
        Self::field("amount", error.to_string())
    }
}

/// Minor units of a currency, negative ones too: at most [`Money::MAX`] to either side; IDR in whole rupiah only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Amount {
    amount: i64,
    currency: Currency,
}

#[derive(Deserialize)]
struct Raw {
    amount: i64,
    currency: Currency,
}

impl TryFrom<Raw> for Amount {
    type Error = AmountError;

    fn try_from(raw: Raw) -> Result<Self, AmountError> {
        Self::new(raw.amount, raw.currency)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency() }
    }
}

impl Amount {
    /// # Errors
    /// [`AmountError::Range`] beyond [`Money::MAX`] to either side, [`AmountError::Fraction`] for IDR that is not
    /// whole rupiah.
    pub fn new(amount: i64, currency: Currency) -> Result<Self, AmountError> {
        if !(-Money::MAX..=Money::MAX).contains(&amount) {
            return Err(AmountError::Range);
        }
        if amount % currency.step() != 0 {
            return Err(AmountError::Fraction);
        }
        Ok(Self { amount, currency })
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// In minor units.
    pub const fn amount(self) -> i64 {
        self.amount
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.amount == 0
    }

    pub const fn is_negative(self) -> bool {
        self.amount < 0
    }

    /// The same amount in the other direction.
    pub const fn negated(self) -> Self {
        Self { amount: -self.amount, currency: self.currency }
    }

    /// # Errors
    /// [`AmountError::Currencies`] when they differ, [`AmountError::Range`] when the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, AmountError> {
        if self.currency != other.currency {
            return Err(AmountError::Currencies { left: self.currency, right: other.currency });
        }
        Self::new(self.amount + other.amount, self.currency)
    }

    /// # Errors
    /// As [`Self::plus`].
    pub fn minus(self, other: Self) -> Result<Self, AmountError> {
        self.plus(other.negated())
    }

    /// The sum of amounts that are all in `currency`.
    ///
    /// # Errors
    /// As [`Self::plus`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// What is above zero; nothing for a negative amount.
    pub fn above_zero(self) -> Money {
        Money::new(self.amount.max(0), self.currency).unwrap_or_else(|_| Money::zero(self.currency))
    }

    /// What is below zero, as a positive amount.
    pub fn below_zero(self) -> Money {
        self.negated().above_zero()
    }

    /// As people read it: `$9.99`, `-$9.99`, `-Rp 99.000`.
    pub fn format(self, locale: Locale) -> String {
        let sign = if self.is_negative() { "-" } else { "" };
        let size = if self.is_negative() { self.below_zero() } else { self.above_zero() };
        format!("{sign}{}", size.format(locale))
    }

    /// The share `part / of` of it, rounded half to even in the smallest unit that is paid ([`Currency::step`]).
    /// A `part` outside 0 to `of` counts as the nearer end; an `of` that is not positive leaves everything.
    pub(super) fn share(self, part: i64, of: i64) -> Self {
        if of <= 0 {
            return self;
        }
        let step = self.currency.step();
        let product = i128::from(self.amount / step) * i128::from(part.clamp(0, of));
        // Between zero and the amount itself, so that it fits.
        let steps = half_even(product, of.into()) as i64;
        Self { amount: steps * step, currency: self.currency }
    }
}

/// `numerator / denominator` to the nearest whole number, a half to the even one.
const fn half_even(numerator: i128, denominator: i128) -> i128 {
    let (floor, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    let up = 2 * rest > denominator || (2 * rest == denominator && floor % 2 != 0);
    if up { floor + 1 } else { floor }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn currency() -> impl Strategy<Value = Currency> {
        prop::sample::select(vec!["USD", "IDR", "JPY", "KWD"]).prop_map(|code| Currency::parse(code).unwrap())
    }

    pub(crate) fn money_in(currency: Currency, most: i64) -> impl Strategy<Value = Money> {
        (0..=most / currency.step()).prop_map(move |n| Money::new(n * currency.step(), currency).unwrap())
    }

    pub(crate) fn money() -> impl Strategy<Value = Money> {
        currency().prop_flat_map(|currency| money_in(currency, Money::MAX))
    }

    #[test]
    fn halves_go_to_the_even_side() {
        let halves: Vec<_> = [-5, -3, -1, 1, 3, 5].map(|n| half_even(n, 2)).into();
        assert_eq!(halves, [-2, -2, 0, 0, 2, 2]);
        assert_eq!([half_even(7, 4), half_even(5, 4), half_even(-7, 4)], [2, 1, -2]);
    }

    #[test]
    fn currencies_do_not_mix() {
        let usd = Amount::new(5, Currency::parse("usd").unwrap()).unwrap();
        let jpy = Amount::new(5, Currency::parse("jpy").unwrap()).unwrap();
        assert!(matches!(usd.plus(jpy), Err(AmountError::Currencies { .. })));
        assert_eq!(usd.minus(usd), Ok(Amount::zero(usd.currency())));
    }

    #[test]
    fn it_reads_like_money_with_a_sign() {
        let idr = Currency::parse("idr").unwrap();
        assert_eq!(Amount::new(-9_900_000, idr).unwrap().format(Locale::Id), "-Rp\u{a0}99.000");
        assert_eq!(Amount::new(50, idr), Err(AmountError::Fraction));
        assert!(serde_json::from_str::<Amount>(r#"{"amount":50,"currency":"IDR"}"#).is_err());
    }

    proptest! {
        #[test]
        fn above_and_below_make_the_whole(money in money(), negative: bool) {
            let amount = if negative { Amount::from(money).negated() } else { money.into() };
            let back = Amount::from(amount.above_zero()).minus(amount.below_zero().into()).unwrap();
            prop_assert_eq!(back, amount);
        }

        #[test]
        fn a_share_lies_between_nothing_and_everything(money in money(), part: i64, of in 1_i64..i64::MAX) {
            let share = Amount::from(money).share(part, of);
            prop_assert!((0..=money.amount()).contains(&share.amount()));
            prop_assert_eq!(share.amount() % share.currency().step(), 0);
            prop_assert_eq!(Amount::from(money).negated().share(part, of), share.negated());
        }
    }
}
