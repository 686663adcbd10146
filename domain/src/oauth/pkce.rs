//! Proof Key for Code Exchange (RFC 7636), with the method S256 only.

use serde::{Deserialize, Serialize};

/// A code challenge: the SHA-256 of the verifier in unpadded base64url, 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

impl Challenge {
    /// `None` when the text cannot be the base64url of a SHA-256 hash.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (text.len() == 43 && plain).then(|| Self(text.to_owned()))
    }

    /// The thumbprint of a key in `dpop_jkt` has the same form (RFC 9449, section 10).
    pub fn is_hash(text: &str) -> bool {
        Self::parse(text).is_some()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text can be a verifier: 43 to 128 unreserved characters (RFC 7636, section 4.1).
pub fn is_verifier(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    (43..=128).contains(&text.len()) && plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_and_verifiers_have_their_shape() {
        assert!(Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").is_some());
        assert!(Challenge::parse("short").is_none());
        assert!(Challenge::parse(&"+".repeat(43)).is_none());
        assert!(is_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!is_verifier(&"x".repeat(42)));
        assert!(!is_verifier(&"x".repeat(129)));
        assert!(!is_verifier(&" ".repeat(43)));
    }
}
