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
    /// On a list, or made of what is known: refused.
    Weak,
    Fair,
    Good,
    Strong,
}

impl Strength {
    /// How many of a meter's four parts it fills.
    pub const fn parts(self) -> u8 {
        match self {
            Self::Weak => 1,
            Self::Fair => 2,
            Self::Good => 3,
            Self::Strong => 4,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        // One byte, two and four.
        for letter in ["x", "é", "🔑"] {
            for (length, fits) in [(0, false), (7, false), (8, true), (256, true), (257, false)] {
                assert_eq!(Password::parse(&letter.repeat(length)).is_ok(), fits, "{length} of {letter}");
            }
        }
    }

    #[test]
    fn nothing_is_taken_off() {
        for text in ["  spaces around  ", "\ttab\tand\nline\n", "Ünïcode, ﬁne"] {
            assert_eq!(Password::parse(text).unwrap().expose(), text);
        }
    }
}
