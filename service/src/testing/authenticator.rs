//! An authenticator app for tests.

use domain::{Timestamp, identity::factor::TotpCode};

use crate::identity::factors::totp::TotpKey;

/// The code that the app shows at `now` for the key that a page showed.
pub fn code(key: &str, now: Timestamp) -> String {
    let mut bits = key.chars().filter(char::is_ascii_alphanumeric).flat_map(|letter| {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
        (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1))
    });
    let mut bytes = [0; 20];
    for byte in &mut bytes {
        *byte = bits.by_ref().take(8).fold(0, |byte, bit| byte << 1 | bit);
    }
    let TotpCode(code) = TotpKey(bytes).code(now.timestamp() / TotpCode::STEP);
    format!("{code:06}")
}
