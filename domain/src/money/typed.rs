//! Amounts as people type them.

use super::{Currency, Marks, Money};
use crate::{Flaw, Locale};

impl Money {
    /// Reads what a person typed, as [`Self::format`] writes it in their language, with or without the currency and
    /// the separators of thousands: `9.99` and `$1,234.50` in English, `9,99` and `Rp 99.000` in Indonesian.
    ///
    /// # Errors
    /// [`Flaw::Amount`] when the separators are not those of the language, or group other than threes of digits;
    /// [`Flaw::Decimals`] when there are more decimals than the currency has; [`Flaw::Between`] when it is too large.
    pub fn from_typed(text: &str, currency: Currency, locale: Locale) -> Result<Self, Flaw> {
        let number = without_currency(text.trim(), currency);
        let marks = Marks::of(currency, locale);
        read(number, currency, marks).unwrap_or_else(|| {
            let foreign = Marks { group: marks.point, point: marks.group };
            let like = match read(number, currency, foreign) {
                Some(Ok(money)) => money,
                _ => sample(currency),
            };
            Err(Flaw::Amount { like: like.number(locale) })
        })
    }
}

/// Nothing when `number` is not written with `marks`.
fn read(number: &str, currency: Currency, marks: Marks) -> Option<Result<Money, Flaw>> {
    let (whole, decimals) = number.split_once(marks.point).map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let whole = ungrouped(whole, marks.group)?;
    let decimals = match decimals {
        None => "",
        Some(decimals) if currency.shown_digits() > 0 && is_digits(decimals) => decimals,
        Some(_) => return None,
    };
    let (digits, exponent) = (currency.shown_digits(), currency.exponent() as usize);
    if decimals.len() > digits as usize {
        return Some(Err(Flaw::Decimals { code: currency.code().into(), digits }));
    }
    let money =
        format!("{whole}{decimals:0<exponent$}").parse().ok().and_then(|minor| Money::new(minor, currency).ok());
    Some(money.ok_or_else(|| Flaw::Between { min: 0, max: currency.max_units() }))
}

/// The digits of a number whose groups, if it has any, are of three.
fn ungrouped(whole: &str, group: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(group).collect();
    let (first, others) = groups.split_first()?;
    let grouped = first.len() <= 3 && !first.starts_with('0') && others.iter().all(|group| group.len() == 3);
    (groups.iter().all(|group| is_digits(group)) && (others.is_empty() || grouped)).then(|| groups.concat())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Takes the currency's sign or code from the beginning.
fn without_currency(text: &str, currency: Currency) -> &str {
    [currency.symbol(), currency.code()]
        .into_iter()
        .find_map(|mark| {
            let (start, rest) = text.split_at_checked(mark.len())?;
            start.eq_ignore_ascii_case(mark).then(|| rest.trim_start())
        })
        .unwrap_or(text)
}

/// An amount with a separator of each kind that the currency has.
fn sample(currency: Currency) -> Money {
    let exponent = currency.exponent();
    let amount = match currency.shown_digits() {
        0 => 99_000 * 10_i64.pow(exponent),
        _ => 12_345 * 10_i64.pow(exponent - 1),
    };
    Money { amount, currency }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn read(text: &str, code: &str, locale: Locale) -> Result<i64, String> {
        Money::from_typed(text, currency(code), locale).map(Money::amount).map_err(|flaw| flaw.to_string())
    }

    #[test]
    fn reads_what_people_of_the_language_type() {
        for (text, code, locale, amount) in [
            ("9.99", "USD", Locale::En, 999),
            (" $ 1,234.5 ", "USD", Locale::En, 123_450),
            ("1234", "usd", Locale::En, 123_400),
            ("usd 1,234", "USD", Locale::En, 123_400),
            ("9,99", "USD", Locale::Id, 999),
            ("1.234,50", "EUR", Locale::Id, 123_450),
            ("99000", "IDR", Locale::Id, 9_900_000),
            ("99.000", "IDR", Locale::Id, 9_900_000),
            ("99.000", "IDR", Locale::En, 9_900_000),
            ("Rp\u{a0}1.099.000", "IDR", Locale::Id, 109_900_000),
            ("rp99.000", "IDR", Locale::En, 9_900_000),
            ("¥1,500", "JPY", Locale::En, 1500),
            ("1.234", "KWD", Locale::En, 1234),
            ("0", "IDR", Locale::Id, 0),
        ] {
            assert_eq!(read(text, code, locale), Ok(amount), "{text} {code} {locale:?}");
        }
    }

    #[test]
    fn refuses_what_is_ambiguous_and_shows_the_right_form() {
        for (text, code, locale, flaw) in [
            ("9.99", "USD", Locale::Id, "must be written like 9,99"),
            ("9,99", "USD", Locale::En, "must be written like 9.99"),
            ("1.234,50", "USD", Locale::En, "must be written like 1,234.50"),
            ("99,000", "IDR", Locale::Id, "must be written like 99.000"),
            ("99,000", "IDR", Locale::En, "must be written like 99.000"),
            ("99.5", "IDR", Locale::Id, "must be written like 99.000"),
            ("99.000,00", "IDR", Locale::Id, "must be written like 99.000"),
            ("0.500", "IDR", Locale::Id, "must be written like 99.000"),
            ("1.500", "JPY", Locale::En, "must be written like 1,500"),
            ("9.999", "USD", Locale::En, "USD has 2 decimals"),
            ("12,34", "USD", Locale::En, "must be written like 12.34"),
            ("12,3456", "USD", Locale::En, "must be written like 1,234.50"),
            ("1,23,456", "USD", Locale::En, "must be written like 1,234.50"),
            ("$5", "EUR", Locale::En, "must be written like 1,234.50"),
            ("-5", "USD", Locale::En, "must be written like 1,234.50"),
            ("9.", "USD", Locale::En, "must be written like 1,234.50"),
            (".5", "USD", Locale::En, "must be written like 1,234.50"),
            ("1e2", "USD", Locale::En, "must be written like 1,234.50"),
            ("", "KWD", Locale::Id, "must be written like 1.234,500"),
            ("99999999999", "USD", Locale::En, "must be 0 to 10000000000"),
            ("99999999999999999999999", "IDR", Locale::Id, "must be 0 to 10000000000"),
        ] {
            assert_eq!(read(text, code, locale), Err(flaw.to_owned()), "{text} {code} {locale:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            units in 0..Money::MAX / 100,
            cents in 0..100_i64,
            code in prop::sample::select(vec!["USD", "JPY", "KWD", "EUR", "IDR", "CHF"]),
            locale in prop::sample::select(Locale::ALL.to_vec()),
        ) {
            let cents = if code == "IDR" { 0 } else { cents };
            let money = Money::new(units * 100 + cents, currency(code)).unwrap();
            prop_assert_eq!(Money::from_typed(&money.format(locale), currency(code), locale), Ok(money));
            prop_assert_eq!(Money::from_typed(&money.number(locale), currency(code), locale), Ok(money));
        }

        #[test]
        fn nothing_is_read_as_another_amount(text in "[0-9]{1,4}([.,][0-9]{1,4}){0,2}") {
            for (locale, group, point) in [(Locale::En, ",", "."), (Locale::Id, ".", ",")] {
                if let Ok(money) = Money::from_typed(&text, currency("USD"), locale) {
                    let plain = text.replace(group, "").replace(point, ".");
                    prop_assert_eq!(Money::from_decimal(&plain, currency("USD")), Ok(money));
                }
            }
        }
    }
}
