//! Moments as the dashboard tells them.

use domain::Timestamp;

use crate::i18n::Text;

/// `20 December 2026, 10:00 UTC`.
pub fn moment(text: Text, at: Timestamp) -> String {
    format!("{}, {} UTC", text.date(at), at.format("%H:%M"))
}
