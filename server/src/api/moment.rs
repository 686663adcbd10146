//! Moments that a request names.

use domain::{Problem, Timestamp};

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

/// A moment to come, in whole milliseconds, as columns hold it.
///
/// # Errors
/// `APP_001` on `field` when it is past, or too far away to be meant.
pub fn to_come(field: &str, moment: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    if moment.is_some_and(|at| at <= now || at.timestamp() > LAST) {
        return Err(Problem::field(field, "must lie in the future, before the year 10000"));
    }
    Ok(moment.and_then(|at| Timestamp::from_timestamp_millis(at.timestamp_millis())))
}
