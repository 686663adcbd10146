//! Values that must not leak: no `Display`, no `Serialize`, and `Debug` says `[redacted]`.

use std::{collections::HashSet, fmt};

use serde::Deserialize;

/// A password, client secret or token. [`Secret::expose`] is the only way to its text.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Each call is a place to look at in review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it has 8 different characters at least, as any 32 random ones have.
    pub fn is_varied(&self) -> bool {
        self.0.chars().collect::<HashSet<_>>().len() >= 8
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_character_is_no_secret() {
        assert!(Secret::new("Zb5sEqcdSSxHyNy7jS8MFuYz5T3cPzX1v0c+7uE0k2A=").is_varied());
        for poor in ["a".repeat(42), "change".repeat(7), "0123012301230123".repeat(3), String::new()] {
            assert!(!Secret::new(poor.clone()).is_varied(), "{poor}");
        }
    }

    #[test]
    fn debug_does_not_leak() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }
}
