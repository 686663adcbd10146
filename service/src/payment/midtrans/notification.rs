//! Notifications. What one says is believed only so far: it names a payment, and Midtrans is asked what became of it.
//! The token of a card that was kept is taken from it all the same: the status does not tell that.

use aws_lc_rs::digest;
use domain::{ErrorCode, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::page::key_of;
use crate::{
    Result, crypto,
    payment::{Notification, Subject, keys::Keys},
};

/// What is signed, as the strings that came.
#[derive(Deserialize)]
struct Signed {
    order_id: String,
    status_code: String,
    gross_amount: String,
    signature_key: String,
}

/// A card that was kept with a payment.
#[derive(Deserialize)]
pub(super) struct Kept {
    pub order_id: String,
    pub masked_card: String,
    pub saved_token_id: String,
}

/// The key of the payment that a notification names, not to be believed yet; `None` for what is not about a payment of
/// ours, such as an account that was linked.
///
/// # Errors
/// `APP_001` for what is no JSON object.
pub fn named(body: &[u8]) -> Result<Option<Uuid>> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default)]
        order_id: Option<String>,
    }
    let named: Named = serde_json::from_slice(body).map_err(|_| unreadable())?;
    Ok(named.order_id.and_then(|order_id| key_of(&order_id)))
}

/// Reads a notification.
///
/// # Errors
/// `APP_001` when it is none, `AUTH_003` when its signature is not right.
pub(super) fn read(keys: &Keys, body: &[u8]) -> Result<Notification> {
    let signed: Signed = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let text = [&signed.order_id, &signed.status_code, &signed.gross_amount, keys.secret.expose()].map(str::as_bytes);
    let expected = hex(digest::digest(&digest::SHA512, &text.concat()).as_ref());
    if !crypto::equal(expected.as_bytes(), signed.signature_key.to_ascii_lowercase().as_bytes()) {
        return Err(ErrorCode::BadCredentials.into());
    }
    let subject = key_of(&signed.order_id).map_or(Subject::Nothing, Subject::Payment);
    // Midtrans numbers no notifications: the same words are the same event.
    let words = digest::digest(&digest::SHA256, body);
    Ok(Notification { event_id: crypto::base64url(words), subject })
}

/// The card that a notification says was kept. Its signature covers the order and not the card: what fits the order's
/// own status counts.
pub(super) fn kept(body: &[u8]) -> Option<Kept> {
    serde_json::from_slice(body).ok()
}

fn unreadable() -> Problem {
    Problem::new(ErrorCode::InvalidInput, "no notification of a payment")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
