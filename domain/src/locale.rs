//! Languages, and dates as people of that language write them.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::{Flaw, Timestamp};

/// A language of the pages: English or Indonesian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    #[default]
    En,
    Id,
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ID: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

impl Locale {
    pub const ALL: [Self; 2] = [Self::En, Self::Id];

    /// The BCP 47 language tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Id => "id",
        }
    }

    /// The language of one of our own tags, as a setting names it.
    ///
    /// # Errors
    /// When it is no such tag.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let found = Self::ALL.into_iter().find(|locale| locale.tag() == text);
        found.ok_or_else(|| Flaw::OneOf(Self::ALL.map(Self::tag).join(", ").into()))
    }

    /// The language of a tag such as `id-ID`; `in` is the old name of Indonesian.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "id" | "in" => Some(Self::Id),
            _ => None,
        }
    }

    /// The first known language of a client's `ui_locales` (OpenID Connect Core, 3.1.2.1).
    pub fn of_client(tags: &str) -> Option<Self> {
        tags.split(' ').find_map(Self::from_tag)
    }

    /// The first known language of a list such as `ui_locales` (spaces) or `Accept-Language` (commas with weights).
    pub fn negotiate(list: &str) -> Option<Self> {
        let mut ranked: Vec<(f32, Self)> = list
            .split([',', ' '])
            .filter(|item| !item.is_empty())
            .filter_map(|item| {
                let mut parts = item.split(';');
                let locale = Self::from_tag(parts.next()?)?;
                let weight = parts.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
                (weight > 0.0).then_some((weight, locale))
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.first().map(|(_, locale)| *locale)
    }

    /// `20 December 2026`, `20 Desember 2026`.
    pub fn date(self, at: Timestamp) -> String {
        let months = match self {
            Self::En => &MONTHS_EN,
            Self::Id => &MONTHS_ID,
        };
        format!("{} {} {}", at.day(), months[at.month0() as usize], at.year())
    }

    /// `20 December 2026, 14:05 UTC`, for whoever reads it elsewhere.
    pub fn date_time(self, at: Timestamp) -> String {
        format!("{}, {} UTC", self.date(at), at.format("%H:%M"))
    }

    /// So many seconds as a clock counts them down: `04:09`, `23:59:58`, `2 days 3:05:09`. Nothing is below zero.
    pub fn countdown(self, seconds: i64) -> String {
        let seconds = seconds.max(0);
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let clock = match (days, hours) {
            (0, 0) => format!("{:02}:{:02}", seconds / 60, seconds % 60),
            _ => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
        };
        let unit = match (self, days) {
            (_, 0) => return clock,
            (Self::En, 1) => "day",
            (Self::En, _) => "days",
            (Self::Id, _) => "hari",
        };
        format!("{days} {unit} {clock}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_by_weight() {
        assert_eq!(Locale::negotiate("fr, id-ID;q=0.8, en;q=0.9"), Some(Locale::En));
        assert_eq!(Locale::negotiate("id en"), Some(Locale::Id));
        assert_eq!(Locale::negotiate("de"), None);
    }

    #[test]
    fn a_setting_is_one_of_the_tags() {
        for locale in Locale::ALL {
            assert_eq!(Locale::parse(locale.tag()), Ok(locale));
        }
        assert_eq!(Locale::parse("id-ID"), Err(Flaw::OneOf("en, id".into())));
    }

    #[test]
    fn writes_dates() {
        let at = "2026-12-20T10:00:00Z".parse().unwrap();
        assert_eq!(Locale::Id.date(at), "20 Desember 2026");
        assert_eq!(Locale::En.date(at), "20 December 2026");
        assert_eq!(Locale::En.date_time(at), "20 December 2026, 10:00 UTC");
    }

    #[test]
    fn counts_down() {
        let (minute, hour, day) = (60, 3_600, 86_400);
        for (seconds, en, id) in [
            (-1, "00:00", "00:00"),
            (9, "00:09", "00:09"),
            (hour - 1, "59:59", "59:59"),
            (hour, "1:00:00", "1:00:00"),
            (day - 2, "23:59:58", "23:59:58"),
            (day, "1 day 0:00:00", "1 hari 0:00:00"),
            (2 * day + 3 * hour + 5 * minute + 9, "2 days 3:05:09", "2 hari 3:05:09"),
        ] {
            assert_eq!(Locale::En.countdown(seconds), en);
            assert_eq!(Locale::Id.countdown(seconds), id);
        }
    }
}
