//! Currencies that Stripe counts its own way. Amounts go there as they are stored, in minor units of ISO 4217; what Stripe
//! would take for another sum is not sold there at all.

use domain::{Flaw, Money, Problem};

/// Without decimals at Stripe. UGX is listed there too, and is sent with two all the same.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// With three, of which the last has to be 0.
const THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How many digits Stripe's minor unit has.
fn digits(code: &str) -> u32 {
    if WHOLE.contains(&code) {
        0
    } else if THREE.contains(&code) {
        3
    } else {
        2
    }
}

/// Checks that Stripe takes an amount for what it is.
///
/// # Errors
/// `APP_001` on the field `currency` where Stripe's minor unit is another than that of ISO 4217, on the field `amount`
/// for the last digit of three.
pub(in crate::payment) fn check(money: Money) -> Result<(), Problem> {
    let (currency, code) = (money.currency(), money.currency().code());
    if digits(code) != currency.exponent() {
        return Err(Problem::field("currency", Flaw::StripeUnits { code: code.into() }));
    }
    if THREE.contains(&code) && money.amount() % 10 != 0 {
        return Err(Problem::field("amount", Flaw::StripeStep { code: code.into() }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(amount: i64, code: &str) -> Option<String> {
        let money = Money::new(amount, code.parse().unwrap()).unwrap();
        check(money).err().map(|problem| problem.fields[0].field.clone())
    }

    #[test]
    fn what_stripe_counts_in_other_units_is_not_sold() {
        for code in ["ISK", "UGX", "MGA"] {
            assert_eq!(refused(100, code).as_deref(), Some("currency"), "{code}");
        }
        for code in ["USD", "EUR", "IDR", "HUF", "TWD", "JPY", "KRW", "VND", "XOF", "CLP", "RWF", "KWD", "TND"] {
            assert_eq!(refused(100, code), None, "{code}");
        }
    }

    #[test]
    fn the_last_digit_of_three_is_zero() {
        for code in THREE {
            assert_eq!((refused(1010, code), refused(1015, code).as_deref()), (None, Some("amount")), "{code}");
        }
        assert_eq!(refused(1015, "USD"), None);
    }

    #[test]
    fn every_currency_of_the_table_is_counted_as_iso_does_but_one() {
        let own = |code: &&str| refused(100, code).is_some();
        assert_eq!(WHOLE.into_iter().chain(THREE).filter(own).collect::<Vec<_>>(), ["MGA"]);
    }
}
