//! HTML by hand: what goes in is escaped, unless it is HTML already.

use std::fmt;

/// Text that is HTML.
pub(super) struct Html(String);

impl Html {
    /// HTML that was written here, or put together from escaped parts.
    pub fn raw(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
