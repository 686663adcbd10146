//! Second factors: codes of an authenticator app, passkeys, and the recovery codes that stand in for them.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::proof::Proof;
use crate::{Secret, Timestamp, id::PasskeyId, text::Name};

/// What somebody can add to their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    Totp,
    Passkey,
}

impl FactorKind {
    /// What a session has shown that has just set it up.
    pub const fn proof(self) -> Proof {
        match self {
            Self::Totp => Proof::Totp,
            Self::Passkey => Proof::Passkey,
        }
    }
}

/// The second factors of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// Since when an authenticator app is set up.
    pub totp: Option<Timestamp>,
    /// Oldest first.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

impl Factors {
    /// Whether signing in asks for one of them.
    pub const fn any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }

    /// Whether there is one and no other: the first that came, or the last that is left.
    pub const fn is_one(&self) -> bool {
        self.totp.is_some() as usize + self.passkeys.len() == 1
    }
}

/// A passkey, as its owner knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    pub id: PasskeyId,
    pub name: Name,
    pub since: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// So many recovery codes are made at once.
pub const RECOVERY_CODES: usize = 10;

/// The letters of recovery codes and of an authenticator's key (RFC 4648, section 6): none looks like another.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base32 without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(buffer >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(buffer << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    char::from(BASE32[(bits & 31) as usize])
}

/// A recovery code: ten letters and digits, 50 random bits, written in two groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryCode(Secret);

/// How many letters a recovery code has.
const RECOVERY_LETTERS: usize = 10;

impl RecoveryCode {
    /// The code of random bytes.
    pub fn of(random: [u8; 7]) -> Self {
        Self(Secret::new(base32(&random).chars().take(RECOVERY_LETTERS).collect::<String>()))
    }

    /// Reads what somebody typed: spaces, dashes and case do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| match c.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                other => other,
            })
            .collect();
        let fits = plain.len() == RECOVERY_LETTERS && plain.bytes().all(|byte| BASE32.contains(&byte));
        fits.then(|| Self(Secret::new(plain)))
    }

    /// The ten letters.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// As people write it down.
    pub fn shown(&self) -> String {
        let (first, second) = self.expose().split_at(RECOVERY_LETTERS / 2);
        format!("{first}-{second}")
    }
}

/// A code of an authenticator app (RFC 6238): six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotpCode(pub u32);

impl TotpCode {
    /// Digits of a code, and the first number that is none.
    pub const DIGITS: usize = 6;
    pub const MODULUS: u32 = 1_000_000;
    /// Seconds for which a code is shown.
    pub const STEP: i64 = 30;

    /// Reads what somebody typed: spaces do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| *c != ' ').collect();
        let fits = plain.len() == Self::DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit());
        if fits { plain.parse().ok().map(Self) } else { None }
    }

    /// The steps whose codes count at a moment: the clock of a phone may be half a minute off.
    pub fn steps(now: Timestamp) -> RangeInclusive<i64> {
        let step = now.timestamp().div_euclid(Self::STEP);
        step - 1..=step + 1
    }
}

/// What somebody typed where either kind of code will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedCode {
    Totp(TotpCode),
    Recovery(RecoveryCode),
}

impl TypedCode {
    pub fn parse(text: &str) -> Option<Self> {
        TotpCode::parse(text).map(Self::Totp).or_else(|| RecoveryCode::parse(text).map(Self::Recovery))
    }
}

/// The address that an authenticator app reads from the picture.
pub fn totp_address(issuer: &str, account: &str, key: &str) -> String {
    let escape = |text: &str| -> String {
        // A colon parts the two halves of the label.
        let plain: String = text.chars().filter(|c| *c != ':').collect();
        url::form_urlencoded::byte_serialize(plain.as_bytes()).collect::<String>().replace('+', "%20")
    };
    let issuer = escape(issuer);
    format!("otpauth://totp/{issuer}:{}?secret={key}&issuer={issuer}", escape(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        for (plain, coded) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        assert_eq!(TotpCode::parse(" 012 345 "), Some(TotpCode(12_345)));
        for bad in ["", "12345", "1234567", "12345a", "+12345", "١٢٣٤٥٦"] {
            assert_eq!(TotpCode::parse(bad), None, "{bad}");
        }
        let code = RecoveryCode::of([0, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54]);
        assert_eq!(code.shown(), "ABCDE-FGHIJ");
        for same in ["abcde-fghij", "ABCDEFGHIJ", " abcde fghij "] {
            assert_eq!(TypedCode::parse(same), Some(TypedCode::Recovery(code.clone())), "{same}");
        }
        assert_eq!(RecoveryCode::parse("0bcde-1ghij").unwrap().expose(), "OBCDEIGHIJ");
        assert_eq!(TypedCode::parse("123456"), Some(TypedCode::Totp(TotpCode(123_456))));
        for bad in ["", "abcde-fghi", "abcde-fghi8", "abcde-fghijk"] {
            assert_eq!(TypedCode::parse(bad), None, "{bad}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode([redacted])");
    }

    #[test]
    fn three_steps_count_at_a_time() {
        let at = |seconds: i64| Timestamp::from_timestamp_millis(seconds * 1000).unwrap();
        assert_eq!(TotpCode::steps(at(59)), 0..=2);
        assert_eq!(TotpCode::steps(at(60)), 1..=3);
    }

    #[test]
    fn an_authenticator_reads_whose_key_it_is() {
        assert_eq!(
            totp_address("Acme: & Co", "ann+1@example.com", "MZXW6"),
            "otpauth://totp/Acme%20%26%20Co:ann%2B1%40example.com?secret=MZXW6&issuer=Acme%20%26%20Co"
        );
    }
}
