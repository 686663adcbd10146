//! How Midtrans writes things: amounts with two decimals, times of Jakarta, signatures.

use aws_lc_rs::digest;
use chrono::{FixedOffset, NaiveDateTime};
use domain::Timestamp;

const JAKARTA: i32 = 7 * 3600;

fn jakarta() -> FixedOffset {
    FixedOffset::east_opt(JAKARTA).expect("seven hours are an offset")
}

/// `2026-11-21 15:04:05`, the time on a clock in Jakarta.
pub fn time(at: Timestamp) -> String {
    at.with_timezone(&jakarta()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads `2026-11-21 15:04:05 +0700`.
pub fn read_time(text: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z").ok().map(|at| at.to_utc())
}

/// As subscriptions write it: `2026-11-21T15:04:05.000000`, Jakarta too.
pub fn precise_time(at: Timestamp) -> String {
    at.with_timezone(&jakarta()).format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// The next 16:00 in Jakarta on a day after `at`: when cards are settled.
pub fn next_batch(at: Timestamp) -> Timestamp {
    let tomorrow = at.with_timezone(&jakarta()).date_naive() + chrono::Days::new(1);
    let local = NaiveDateTime::new(tomorrow, chrono::NaiveTime::from_hms_opt(16, 0, 0).expect("an hour of the day"));
    local.and_local_timezone(jakarta()).single().expect("Jakarta has no summer time").to_utc()
}

/// Whole rupiah as bodies have them: `99000.00`.
pub fn amount(rupiah: i64) -> String {
    format!("{rupiah}.00")
}

/// `signature_key`: the hexadecimal SHA-512 of order, status code, amount and server key.
pub fn signature(order_id: &str, status_code: &str, gross_amount: &str, server_key: &str) -> String {
    let text = [order_id, status_code, gross_amount, server_key].concat();
    digest::digest(&digest::SHA512, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_jakarta() {
        let at = read_time("2026-11-21 23:30:00 +0700").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-21T16:30:00+00:00");
        assert_eq!(time(at), "2026-11-21 23:30:00");
        assert_eq!(time(next_batch(at)), "2026-11-22 16:00:00");
    }

    #[test]
    fn the_signature_is_that_of_the_documentation() {
        // echo -n 1111200100000.00askvnoibnosifnboseofinbofinfgbiufglnbfg | sha512sum
        let signed = signature("1111", "200", "100000.00", "askvnoibnosifnboseofinbofinfgbiufglnbfg");
        assert!(signed.starts_with("edc076b21793ebe3e17926350f5b8ae6"), "{signed}");
    }
}
