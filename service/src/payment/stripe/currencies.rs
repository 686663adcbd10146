//! Currencies that Stripe counts its own way. Amounts go there as they are stored, in minor units of ISO 4217; what Stripe
//! would take for another sum is not sold there at all.

use domain::{Flaw, Money, Problem};

/// Without decimals at Stripe. UGX is listed there too, and is sent with two all the same.
const WHOLE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// With three, of which the last has to be 0.
const THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The least that Stripe charges, where it says so in that currency.
const LEAST: [(&str, i64); 24] = [
    ("USD", 50),
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
];

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

/// What credit takes off a bill of `total`, in minor units: the whole, or so much that Stripe charges the rest. What is
/// less than it charges it would take for paid, and ask for with a later bill.
pub(super) fn taken_off(total: Money, credit: Money) -> i64 {
    let code = total.currency().code();
    let least = LEAST.iter().find(|(own, _)| *own == code).map_or(0, |(_, least)| *least);
    let (total, credit) = (total.amount(), credit.amount());
    if credit < total { credit.min(total - least).max(0) } else { total }
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
    fn credit_pays_a_bill_or_leaves_what_stripe_charges() {
        let off = |total, credit, code: &str| {
            let money = |amount| Money::new(amount, code.parse().unwrap()).unwrap();
            taken_off(money(total), money(credit))
        };
        for (credit, taken) in [(400, 400), (950, 950), (951, 950), (999, 950), (1000, 1000), (1300, 1000)] {
            assert_eq!(off(1000, credit, "USD"), taken, "{credit}");
        }
        assert_eq!((off(40, 20, "USD"), off(1000, 999, "TWD")), (0, 999));
    }

    #[test]
    fn every_currency_of_the_table_is_counted_as_iso_does_but_one() {
        let own = |code: &&str| refused(100, code).is_some();
        assert_eq!(WHOLE.into_iter().chain(THREE).filter(own).collect::<Vec<_>>(), ["MGA"]);
    }
}
