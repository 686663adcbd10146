//! `Stripe-Signature: t=…,v1=…`: an HMAC-SHA256 of `t.body`.

use aws_lc_rs::hmac;

/// The header of a delivery at `at`, seconds since the epoch.
pub fn sign(secret: &str, at: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}
