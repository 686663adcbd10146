//! Money: an integer of ISO 4217 minor units with its currency. Never a float.

mod typed;

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Flaw, Locale, Problem};

/// A currency of ISO 4217 that has minor units; written in lower case in the admin API, in capitals to apps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// # Errors
    /// `APP_001` when `code` is no currency of ISO 4217. Case does not matter.
    pub fn parse(code: &str) -> Result<Self, Problem> {
        iso_currency::Currency::from_code(&code.to_ascii_uppercase())
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| Problem::field("currency", Flaw::Currency))
    }

    /// `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// `usd`.
    pub fn lower(self) -> String {
        self.code().to_ascii_lowercase()
    }

    /// How many digits the minor unit has: 2 for USD and IDR, 0 for JPY.
    pub fn exponent(self) -> u32 {
        self.0.exponent().unwrap_or(2).into()
    }

    /// How many of those digits people write: none for IDR, whose sen are out of use.
    pub fn shown_digits(self) -> u32 {
        if self.is_idr() { 0 } else { self.exponent() }
    }

    /// The smallest number of minor units that is paid: 100 for IDR, 1 elsewhere.
    pub fn step(self) -> i64 {
        10_i64.pow(self.exponent() - self.shown_digits())
    }

    /// The largest amount of this currency in units, such as dollars.
    fn max_units(self) -> i64 {
        Money::MAX / 10_i64.pow(self.exponent())
    }

    /// What stands before an amount: a sign, or the code.
    fn symbol(self) -> &'static str {
        match self.code() {
            "IDR" => "Rp",
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "JPY" => "¥",
            code => code,
        }
    }

    fn is_idr(self) -> bool {
        self.0 == iso_currency::Currency::IDR
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = Problem;

    fn from_str(code: &str) -> Result<Self, Problem> {
        Self::parse(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = Problem;

    fn try_from(code: String) -> Result<Self, Problem> {
        Self::parse(&code)
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

/// An amount that a price can have: zero or more minor units; IDR in whole rupiah only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    /// The largest amount in minor units, so that sums and JSON numbers stay exact.
    pub const MAX: i64 = 1_000_000_000_000;

    /// # Errors
    /// `APP_001` when `amount` is negative, above [`Self::MAX`], or IDR that is not whole rupiah.
    pub fn new(amount: i64, currency: Currency) -> Result<Self, Problem> {
        if !(0..=Self::MAX).contains(&amount) {
            return Err(Problem::field("amount", Flaw::Whole { max: Self::MAX }));
        }
        if currency.is_idr() && amount % 100 != 0 {
            return Err(Problem::field("amount", Flaw::WholeRupiah));
        }
        Ok(Self { amount, currency })
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }

    /// Reads the decimal that the platform API speaks: `9.99` USD, `99000` IDR.
    ///
    /// # Errors
    /// `APP_001` when the number has more decimals than the currency, is negative or too large.
    pub fn from_decimal(price: &str, currency: Currency) -> Result<Self, Problem> {
        let price = Decimal::from_str_exact(price)
            .or_else(|_| Decimal::from_scientific(price))
            .map_err(|_| Problem::field("price", Flaw::Decimal))?
            .normalize();
        let digits = currency.shown_digits();
        if price.scale() > digits {
            return Err(Problem::field("price", Flaw::Decimals { code: currency.code().into(), digits }));
        }
        price
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .and_then(|minor| i64::try_from(minor).ok())
            .and_then(|minor| Self::new(minor, currency).ok())
            .ok_or_else(|| Problem::field("price", Flaw::Between { min: 0, max: currency.max_units() }))
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

    /// The decimal that the platform API speaks, as JSON number text: `9.99`, `99000`.
    pub fn to_decimal(self) -> String {
        Decimal::new(self.amount, self.currency.exponent()).normalize().to_string()
    }

    /// As a file of numbers has it, with every digit that people write: `29.90`, `99000`.
    pub fn plain(self) -> String {
        let digits = self.currency.shown_digits();
        Decimal::new(self.amount / self.currency.step(), digits).to_string()
    }

    /// As people read it: `$9.99`, `Rp 99.000` (with a no-break space), `€9.99`.
    pub fn format(self, locale: Locale) -> String {
        let symbol = self.currency.symbol();
        let space = if symbol.ends_with(|c: char| c.is_ascii_alphabetic()) { "\u{a0}" } else { "" };
        format!("{symbol}{space}{}", self.number(locale))
    }

    /// [`Self::format`] without the currency: `9.99`, `99.000`. [`Self::from_typed`] reads it back.
    pub fn number(self, locale: Locale) -> String {
        let Marks { group, point } = Marks::of(self.currency, locale);
        let digits = self.currency.shown_digits();
        let shown = self.amount / self.currency.step();
        let unit = 10_i64.pow(digits);
        let mut number = grouped(shown / unit, group);
        if digits > 0 {
            let width = digits as usize;
            number.push_str(&format!("{point}{:0width$}", shown % unit));
        }
        number
    }
}

/// What separates the digits of a written amount: thousands, and decimals.
#[derive(Clone, Copy)]
struct Marks {
    group: char,
    point: char,
}

impl Marks {
    /// Rupiah are written as in Indonesia everywhere.
    fn of(currency: Currency, locale: Locale) -> Self {
        match locale {
            Locale::En if !currency.is_idr() => Self { group: ',', point: '.' },
            Locale::En | Locale::Id => Self { group: '.', point: ',' },
        }
    }
}

fn grouped(number: i64, separator: char) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn rupiah_have_two_digits_inside_and_none_outside() {
        let money = Money::from_decimal("99000", currency("IDR")).unwrap();
        assert_eq!(money.amount(), 9_900_000);
        assert_eq!(money.to_decimal(), "99000");
        assert_eq!(money.format(Locale::Id), "Rp\u{a0}99.000");
        assert!(Money::new(9_900_050, currency("idr")).is_err());
        assert!(Money::from_decimal("99000.50", currency("IDR")).is_err());
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Money::from_decimal("9.99", currency("USD")).unwrap().amount(), 999);
        assert_eq!(Money::from_decimal("9.990", currency("USD")).unwrap().amount(), 999);
        assert_eq!(Money::from_decimal("1e2", currency("USD")).unwrap().amount(), 10_000);
        assert!(Money::from_decimal("9.999", currency("USD")).is_err());
        assert!(Money::from_decimal("-1", currency("USD")).is_err());
        assert!(Money::from_decimal("1e40", currency("USD")).is_err());
        assert!(Money::from_decimal("0.5", currency("JPY")).is_err());
    }

    #[test]
    fn a_price_out_of_range_is_told_the_range_in_its_own_unit() {
        for (price, code, max) in
            [("-1", "USD", 10_000_000_000), ("1e20", "IDR", 10_000_000_000), ("1000000000001", "JPY", Money::MAX)]
        {
            let problem = Money::from_decimal(price, currency(code)).unwrap_err();
            assert_eq!(problem, Problem::field("price", Flaw::Between { min: 0, max }), "{price} {code}");
        }
    }

    #[test]
    fn formats_for_people() {
        assert_eq!(Money::new(999, currency("usd")).unwrap().format(Locale::En), "$9.99");
        assert_eq!(Money::new(123_456_700, currency("usd")).unwrap().format(Locale::En), "$1,234,567.00");
        assert_eq!(Money::new(1500, currency("jpy")).unwrap().format(Locale::En), "¥1,500");
        assert_eq!(Money::new(1500, currency("chf")).unwrap().format(Locale::Id), "CHF\u{a0}15,00");
    }

    #[test]
    fn plain_numbers_are_not_grouped_and_keep_their_zeros() {
        for (amount, code, plain) in [
            (9_900_000, "IDR", "99000"),
            (123_456_700, "IDR", "1234567"),
            (2990, "USD", "29.90"),
            (123_456_700, "USD", "1234567.00"),
            (5, "USD", "0.05"),
            (1500, "JPY", "1500"),
            (1_234_500, "KWD", "1234.500"),
            (0, "IDR", "0"),
            (0, "USD", "0.00"),
        ] {
            assert_eq!(Money::new(amount, currency(code)).unwrap().plain(), plain, "{amount} {code}");
        }
    }

    proptest! {
        #[test]
        fn decimal_and_back(amount in 0..Money::MAX, code in prop::sample::select(vec!["USD", "JPY", "KWD", "EUR"])) {
            let money = Money::new(amount, currency(code)).unwrap();
            prop_assert_eq!(Money::from_decimal(&money.to_decimal(), currency(code)).unwrap(), money);
        }
    }
}
