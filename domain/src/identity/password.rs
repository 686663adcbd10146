//! Passwords before they are hashed: their length, nothing about their composition.

use crate::Secret;

/// A password of 8 to 256 characters.
#[derive(Clone, Debug)]
pub struct Password(Secret);

/// Fewest and most characters of a password.
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// How hard a password is to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// On a list of common or breached ones, or made from what is known: refused.
    Weak,
    Fair,
    Good,
    Strong,
}

impl Strength {
    /// By the score of zxcvbn, 0 to 4: the power of ten of the guesses that it takes.
    pub const fn of_score(score: u8) -> Self {
        match score {
            0 | 1 => Self::Weak,
            2 => Self::Fair,
            3 => Self::Good,
            _ => Self::Strong,
        }
    }
}

impl Password {
    /// # Errors
    /// A sentence when the password is shorter or longer than [`LENGTH`] says.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !LENGTH.contains(&text.chars().count()) {
            return Err(format!("must have {} to {} characters", LENGTH.start(), LENGTH.end()));
        }
        Ok(Self(Secret::new(text)))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
