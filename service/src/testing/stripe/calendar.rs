//! Stripe's months: counted from the anchor, so that the 31st comes back after February.

use chrono::{DateTime, Days, Months};
use serde_json::Value;

use super::book::{int, text};

/// The first end of a period after `start`, of periods counted from `anchor`. Moments in seconds.
pub(super) fn period_end(anchor: i64, start: i64, recurring: &Value) -> i64 {
    let every = int(recurring, "interval_count").max(1);
    let interval = text(recurring, "interval");
    (0..).map(|count| add(anchor, &interval, every * count)).find(|end| *end > start).unwrap_or(start)
}

fn add(anchor: i64, interval: &str, count: i64) -> i64 {
    let anchor_day = DateTime::from_timestamp(anchor, 0).unwrap_or_default();
    let months = |months: i64| anchor_day.checked_add_months(Months::new(months as u32));
    let moved = match interval {
        "day" => anchor_day.checked_add_days(Days::new(count as u64)),
        "week" => anchor_day.checked_add_days(Days::new(7 * count as u64)),
        "month" => months(count),
        _ => months(12 * count),
    };
    moved.map_or(i64::MAX, |moved| moved.timestamp())
}

/// `amount` x `part` / `whole`, rounded half away from zero.
pub(super) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let (amount, part, whole) = (i128::from(amount), i128::from(part), i128::from(whole.max(1)));
    let twice = 2 * amount * part;
    ((twice + whole * twice.signum()) / (2 * whole)) as i64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_day_of_a_month_comes_back() {
        let day = |text: &str| DateTime::parse_from_rfc3339(&format!("{text}T10:00:00Z")).unwrap().timestamp();
        let monthly = json!({ "interval": "month", "interval_count": 1 });
        let anchor = day("2027-01-31");
        assert_eq!(period_end(anchor, anchor, &monthly), day("2027-02-28"));
        assert_eq!(period_end(anchor, day("2027-02-28"), &monthly), day("2027-03-31"));
        assert_eq!(period_end(day("2028-02-29"), day("2028-02-29"), &json!({ "interval": "year" })), day("2029-02-28"));
    }

    #[test]
    fn shares_round_half_away_from_zero() {
        assert_eq!((share(1000, 1, 3), share(-5, 1, 2), share(5, 1, 2)), (333, -3, 3));
    }
}
