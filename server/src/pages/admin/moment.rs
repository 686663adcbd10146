//! Moments as forms send them.

use domain::{Flaw, Timestamp};

/// What `<input type="datetime-local">` sends, read as UTC.
///
/// # Errors
/// When it is no such moment.
pub fn moment(text: &str) -> Result<Timestamp, Flaw> {
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .into_iter()
        .find_map(|format| chrono::NaiveDateTime::parse_from_str(text, format).ok())
        .map(|moment| moment.and_utc())
        .ok_or(Flaw::Moment)
}
