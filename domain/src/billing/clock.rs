//! The test clock: by how much it is moved.

use std::{fmt, str::FromStr};

use chrono::{Months, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Flaw, Timestamp};

/// What is counted in a [`ClockStep`]. Months and years are those of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mo",
            Self::Year => "y",
        }
    }

    /// How many make up ten years, the most of one step.
    const fn most(self) -> u32 {
        match self {
            Self::Hour => 87_600,
            Self::Day => 3_650,
            Self::Week => 520,
            Self::Month => 120,
            Self::Year => 10,
        }
    }
}

/// A move of the test clock: `12h`, `3d`, `2w`, `1mo` or `1y`, ten years at most. Forward only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockStep {
    count: u32,
    unit: Unit,
}

impl ClockStep {
    /// Reads `1mo`.
    ///
    /// # Errors
    /// [`Flaw::ClockStep`] for anything else than a whole number above 0 with its unit, and for more than ten years.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let unit = Unit::ALL.into_iter().find(|own| own.as_str() == unit).ok_or(Flaw::ClockStep)?;
        let count = count.parse().ok().filter(|count| (1..=unit.most()).contains(count)).ok_or(Flaw::ClockStep)?;
        Ok(Self { count, unit })
    }

    /// The moment that lies this far behind `from`; a month of 31 January ends on the last of February. `None` beyond
    /// the calendar.
    pub fn after(self, from: Timestamp) -> Option<Timestamp> {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Hour => from.checked_add_signed(TimeDelta::hours(count)),
            Unit::Day => from.checked_add_signed(TimeDelta::days(count)),
            Unit::Week => from.checked_add_signed(TimeDelta::weeks(count)),
            Unit::Month => from.checked_add_months(Months::new(self.count)),
            Unit::Year => from.checked_add_months(Months::new(self.count * 12)),
        }
    }
}

impl fmt::Display for ClockStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.as_str())
    }
}

impl FromStr for ClockStep {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ClockStep {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        Self::parse(&text)
    }
}

impl From<ClockStep> for String {
    fn from(step: ClockStep) -> Self {
        step.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(text: &str, from: &str) -> String {
        let from: Timestamp = from.parse().unwrap();
        ClockStep::parse(text).unwrap().after(from).unwrap().to_rfc3339()
    }

    #[test]
    fn months_and_years_are_of_the_calendar() {
        assert_eq!(moved("1mo", "2026-01-31T10:00:00Z"), "2026-02-28T10:00:00+00:00");
        assert_eq!(moved("13mo", "2026-01-31T10:00:00Z"), "2027-02-28T10:00:00+00:00");
        assert_eq!(moved("1y", "2024-02-29T00:00:00Z"), "2025-02-28T00:00:00+00:00");
        assert_eq!(moved("2w", "2026-12-24T00:00:00Z"), "2027-01-07T00:00:00+00:00");
        assert_eq!(moved("3d", "2026-02-27T00:00:00Z"), "2026-03-02T00:00:00+00:00");
        assert_eq!(moved(" 12h ", "2026-02-27T13:00:00Z"), "2026-02-28T01:00:00+00:00");
    }

    #[test]
    fn only_a_whole_number_with_its_unit_moves_the_clock() {
        for text in ["", "mo", "1", "0d", "-1d", "1.5d", "1 mo", "1m", "1MO", "11y", "3651d", "99999999999999h", "1d2h"]
        {
            assert_eq!(ClockStep::parse(text), Err(Flaw::ClockStep), "{text}");
        }
        for text in ["12h", "3d", "2w", "1mo", "10y", "3650d"] {
            assert_eq!(ClockStep::parse(text).unwrap().to_string(), text);
            let json = serde_json::to_string(&ClockStep::parse(text).unwrap()).unwrap();
            assert_eq!(serde_json::from_str::<ClockStep>(&json).unwrap().to_string(), text);
        }
        assert!(serde_json::from_str::<ClockStep>("\"soon\"").is_err());
    }
}
