//! From the text of a coupon to its terms.

use domain::{
    Currency, Flaw, Money, Problem, Timestamp,
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off},
        plan::PlanKey,
    },
};
use toml::{Spanned, Value, value::Datetime};

use super::{
    CouponItem, file,
    place::{Once, Source},
};
use crate::billing::coupons::NewCoupon;

pub(super) fn coupon(source: &Source<'_>, raw: &file::Coupon) -> Result<CouponItem, Problem> {
    let cap = |cap: &Spanned<i64>| {
        let whole = u32::try_from(*cap.as_ref()).ok().filter(|cap| *cap > 0);
        let flaw = Flaw::Between { min: 1, max: u32::MAX.into() };
        whole.ok_or_else(|| source.of(cap).problem(&key("max_redemptions"), flaw))
    };
    let mut plans = Vec::new();
    let mut once = Once::default();
    for plan in raw.plans.iter().flatten() {
        once.insert(&key("plans"), plan.as_ref(), source.of(plan))?;
        plans.push((source.of(plan), source.parse(&key("plans"), plan, PlanKey::parse)?));
    }
    Ok(CouponItem {
        place: source.of(&raw.code),
        new: NewCoupon {
            code: source.parse(&key("code"), &raw.code, CouponCode::parse)?,
            off: off(source, raw)?,
            duration: duration(source, raw)?,
            cap: raw.max_redemptions.as_ref().map(cap).transpose()?,
            expires_at: raw.expires_at.as_ref().map(|at| moment(source, at)).transpose()?,
            plans: Vec::new(),
        },
        plans,
    })
}

fn key(name: &str) -> String {
    format!("applications.coupons.{name}")
}

/// What was refused, at its own place.
fn blame<T>(source: &Source<'_>, name: &str, at: &Spanned<T>, problem: Problem) -> Problem {
    source.of(at).problem(&key(name), Flaw::from(problem))
}

fn off(source: &Source<'_>, raw: &file::Coupon) -> Result<Off, Problem> {
    match (&raw.percent, &raw.amount, &raw.currency) {
        (Some(percent), None, None) => {
            let points = hundredths(percent.as_ref()).and_then(|points| BasisPoints::parse(points).ok());
            let flaw = || source.of(percent).problem(&key("percent"), Flaw::Percent);
            Ok(Off::Percent(points.ok_or_else(flaw)?))
        }
        (None, Some(amount), Some(currency)) => {
            let currency = source.parse(&key("currency"), currency, Currency::parse)?;
            let money = Money::new(*amount.as_ref(), currency).map_err(|e| blame(source, "amount", amount, e))?;
            if money.is_zero() {
                return Err(source.of(amount).problem(&key("amount"), "must be more than 0"));
            }
            Ok(Off::Amount(money))
        }
        (None, Some(amount), None) => Err(source.of(amount).problem(&key("amount"), "needs a currency beside it")),
        _ => Err(source.of(&raw.code).problem("applications.coupons", "needs percent, or amount and currency")),
    }
}

/// `20` or `12.5` as hundredths; `None` with more than two decimals.
fn hundredths(percent: &Value) -> Option<i64> {
    let text = match percent {
        Value::Integer(whole) => whole.to_string(),
        // As it was written, as far as two decimals go.
        Value::Float(number) => number.to_string(),
        _ => return None,
    };
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    if rest.len() > 2 {
        return None;
    }
    format!("{whole}{rest:0<2}").parse().ok()
}

fn duration(source: &Source<'_>, raw: &file::Coupon) -> Result<Duration, Problem> {
    let months = raw.months.as_ref();
    let Some(duration) = &raw.duration else { return without(source, months).map(|()| Duration::Once) };
    let refuse = |message| Err(source.of(duration).problem(&key("duration"), message));
    match (duration.as_ref().as_str(), months) {
        ("once", months) => without(source, months).map(|()| Duration::Once),
        ("forever", months) => without(source, months).map(|()| Duration::Forever),
        ("months", Some(months)) => Duration::months(*months.as_ref()).map_err(|e| blame(source, "months", months, e)),
        ("months", None) => refuse("needs months beside it"),
        _ => refuse("must be one of once, months, forever"),
    }
}

/// Months go with the duration `months` only.
fn without(source: &Source<'_>, months: Option<&Spanned<i64>>) -> Result<(), Problem> {
    let misplaced = |months| Err(source.of(months).problem(&key("months"), "goes with duration = \"months\""));
    months.map_or(Ok(()), misplaced)
}

fn moment(source: &Source<'_>, at: &Spanned<Datetime>) -> Result<Timestamp, Problem> {
    let text = at.as_ref().to_string();
    let moment = chrono::DateTime::parse_from_rfc3339(&text).ok();
    // Columns hold milliseconds.
    let moment = moment.and_then(|moment| Timestamp::from_timestamp_millis(moment.timestamp_millis()));
    let message = "must be a date and time with its offset, such as 2027-01-31T12:00:00Z";
    moment.ok_or_else(|| source.of(at).problem(&key("expires_at"), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_to_the_hundredth() {
        let read = |text: &str| hundredths(&text.parse::<Value>().unwrap());
        assert_eq!(
            (read("20"), read("12.5"), read("0.01"), read("33.33")),
            (Some(2000), Some(1250), Some(1), Some(3333))
        );
        assert_eq!((read("1.234"), read("nan"), read("inf"), read("'20'")), (None, None, None, None));
        assert_eq!((read("1e1"), read("-5.0")), (Some(1000), Some(-500)));
    }
}
