//! Prices as the platform API speaks them: a decimal number, exact, with its currency and period.

use domain::{
    Currency, Money, Problem,
    billing::price::{Interval, NewPrice, PriceName},
};
use serde_json::value::RawValue;

/// The price that three fields describe: together, or not at all; `price` 0 alone means free.
///
/// # Errors
/// `APP_001` on the field at fault.
pub fn parse(
    price: Option<&RawValue>,
    currency: Option<&str>,
    period: Option<&str>,
) -> Result<Option<NewPrice>, Problem> {
    let price = price.map(decimal).transpose()?;
    match (price, currency, period) {
        (None, None, None) => Ok(None),
        (Some(price), None, None) if is_zero(price) => Ok(None),
        (Some(price), Some(currency), Some(period)) => {
            let money = Money::from_decimal(price, Currency::parse(currency)?)?;
            let interval = Interval::parse_cycle(period)?;
            let name = match interval {
                Interval::Month => "Monthly",
                Interval::Year => "Yearly",
                Interval::OneTime => "One time",
            };
            let name = PriceName::parse(name).map_err(|error| Problem::field("period", error))?;
            Ok(Some(NewPrice { name, money, interval, trial_days: None, stripe_price_id: None }))
        }
        (None, ..) => Err(together("price")),
        (_, None, _) => Err(together("currency")),
        (_, _, None) => Err(together("period")),
    }
}

fn together(missing: &str) -> Problem {
    Problem::field(missing, "is required: price, currency and period come together or not at all")
}

/// The text of a JSON number.
fn decimal(value: &RawValue) -> Result<&str, Problem> {
    let text = value.get();
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.len() <= 64 {
        Ok(text)
    } else {
        Err(Problem::field("price", "must be a number"))
    }
}

fn is_zero(number: &str) -> bool {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    mantissa.chars().all(|c| matches!(c, '0' | '.' | '-'))
}

/// An amount as a JSON number.
pub fn number(money: Money) -> Box<RawValue> {
    RawValue::from_string(money.to_decimal()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(json: &str, currency: &str) -> Result<i64, Problem> {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        parse(Some(&raw), Some(currency), Some("monthly")).map(|price| price.unwrap().money.amount())
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(price("9.99", "USD").unwrap(), 999);
        assert_eq!(price("99000", "IDR").unwrap(), 9_900_000);
        assert_eq!(price("0", "usd").unwrap(), 0);
        for (json, currency) in [
            ("9.990000000000000001", "USD"),
            ("99000.5", "IDR"),
            ("\"9.99\"", "USD"),
            ("-1", "USD"),
            ("1e999", "USD"),
            ("9.99", "XXQ"),
            ("[1]", "USD"),
        ] {
            assert!(price(json, currency).is_err(), "{json} {currency}");
        }
    }

    #[test]
    fn the_three_come_together() {
        let raw: Box<RawValue> = serde_json::from_str("0.00").unwrap();
        assert_eq!(parse(Some(&raw), None, None), Ok(None));
        assert_eq!(parse(None, None, None), Ok(None));
        let raw: Box<RawValue> = serde_json::from_str("5").unwrap();
        assert!(parse(Some(&raw), None, None).is_err());
        assert!(parse(Some(&raw), Some("USD"), None).is_err());
        assert!(parse(None, Some("USD"), Some("monthly")).is_err());
    }
}
