//! Signing in on a device without a browser of its own (RFC 8628).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, flaw::Flaw, text::text};

/// How long somebody may take to enter the code.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// The seconds that a device waits between two questions (section 3.2).
pub const INTERVAL: i64 = 5;

/// Consonants that no reader takes for each other, and that make no words (section 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LEN: usize = 8;

text!(
    /// What somebody reads on the device and types here: eight consonants, shown as `WDJB-MJHT`. Case, spaces and
    /// dashes do not count.
    UserCode,
    |text| {
        let code: String =
            text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
        let right = code.len() == LEN && code.bytes().all(|b| ALPHABET.contains(&b));
        if right { Ok(code) } else { Err(Flaw::Form { like: "WDJB-MJHT".into() }) }
    }
);

impl UserCode {
    /// The code that random bytes make: about 34 bits, each letter as likely as any other.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let mut number = u128::from_be_bytes(bytes);
        let letters = (0..LEN).map(|_| {
            let letter = ALPHABET[(number % 20) as usize];
            number /= 20;
            char::from(letter)
        });
        Self(letters.collect())
    }

    /// `WDJB-MJHT`.
    pub fn shown(&self) -> String {
        let (first, last) = self.as_str().split_at(LEN / 2);
        format!("{first}-{last}")
    }
}

/// Where the request of a device stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision<By> {
    /// Nobody has entered the code yet.
    #[default]
    Open,
    Allowed(By),
    Denied,
}

/// What a device that asks is told (section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// `expired_token`.
    Expired,
    /// `slow_down`: it waits so many seconds from now on.
    TooSoon { interval: i64 },
    /// It may hear the decision.
    Heard,
}

/// Judges a question of a device that asked before at `last` and was to wait `interval` seconds.
pub fn poll(expires_at: Timestamp, last: Option<Timestamp>, interval: i64, now: Timestamp) -> Poll {
    if expires_at <= now {
        return Poll::Expired;
    }
    match last {
        Some(last) if now < last + TimeDelta::seconds(interval) => Poll::TooSoon { interval: interval + INTERVAL },
        _ => Poll::Heard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["WDJBMJHT", "wdjb-mjht", " wdjb mjht ", "W-D-J-B-M-J-H-T"] {
            assert_eq!(UserCode::parse(typed).unwrap().shown(), "WDJB-MJHT");
        }
        for bad in ["", "WDJBMJH", "WDJBMJHTT", "WDJBMJHA", "WDJB_MJHT", "1234-5678"] {
            assert!(UserCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn random_codes_are_codes_and_use_every_letter() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0_u128..400 {
            let code = UserCode::from_random(n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes());
            assert_eq!(UserCode::parse(code.as_str()).unwrap(), code);
            seen.extend(code.as_str().chars());
        }
        assert_eq!(seen.len(), ALPHABET.len());
    }

    #[test]
    fn a_device_that_hurries_is_slowed_down() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        assert_eq!(poll(at(600), None, 5, at(1)), Poll::Heard);
        assert_eq!(poll(at(600), Some(at(1)), 5, at(5)), Poll::TooSoon { interval: 10 });
        assert_eq!(poll(at(600), Some(at(1)), 5, at(6)), Poll::Heard);
        assert_eq!(poll(at(600), Some(at(1)), 5, at(600)), Poll::Expired);
    }
}
