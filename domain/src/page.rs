//! Cursor pagination: `limit` 1 to 100 and an opaque `cursor`.

use serde::{Deserialize, Serialize};

use crate::Problem;

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// The last id of the page before, `None` for the first page.
    pub after: Option<uuid::Uuid>,
    /// How many entries at most, 1 to 100.
    pub limit: u64,
}

impl PageRequest {
    pub const DEFAULT_LIMIT: u64 = 50;
    pub const MAX_LIMIT: u64 = 100;

    /// # Errors
    /// `APP_001` when `limit` lies outside 1 to 100 or `cursor` is not one that a list gave.
    pub fn parse(cursor: Option<&str>, limit: Option<&str>) -> Result<Self, Problem> {
        let limit = match limit {
            None => Self::DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=Self::MAX_LIMIT).contains(limit))
                .ok_or_else(|| Problem::field("limit", "must be a number from 1 to 100"))?,
        };
        let after = cursor
            .map(|text| text.parse().map_err(|_| Problem::field("cursor", "is not a cursor of this list")))
            .transpose()?;
        Ok(Self { after, limit })
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: Self::DEFAULT_LIMIT }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page from rows fetched with `limit + 1`: the surplus row only says that there is more. The cursor of a
    /// row leads behind it.
    pub fn cut<C: ToString>(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> C) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = more.then(|| rows.last().map(|row| cursor(row).to_string())).flatten();
        Self { items: rows, next_cursor }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}
