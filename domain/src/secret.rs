//! Values that must not leak: no `Display`, no `Serialize`, and `Debug` says `[redacted]`.

use std::fmt;

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
    fn debug_does_not_leak() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }
}
