//! Notifications: an HMAC over the bytes as they came, no older than five minutes, by either of two secrets while one is
//! rolled. What one says is only read for what to ask about.

use aws_lc_rs::hmac;
use domain::{ErrorCode, Flaw, Problem, Secret, Timestamp, billing::payment::Mode};
use serde_json::Value;
use uuid::Uuid;

use super::answers::KEY;
use crate::{
    Result,
    payment::{Headers, Notification, Subject},
};

/// How far a signature's moment may lie from now, in seconds.
const TOLERANCE: i64 = 300;
/// The longest id, in bytes.
const LONGEST: usize = 255;

/// # Errors
/// `AUTH_003` when the signature is missing, wrong or too old; `APP_001` for a body that is no event, or one of the
/// other mode.
pub(super) fn read(
    secrets: &[Secret],
    mode: Mode,
    headers: &Headers,
    body: &[u8],
    now: Timestamp,
) -> Result<Notification> {
    let header = headers.iter().find(|(name, _)| name == "stripe-signature").map(|(_, value)| value.as_str());
    if !header.is_some_and(|header| is_signed(secrets, header, body, now.timestamp())) {
        return Err(ErrorCode::BadCredentials.into());
    }
    let unreadable = || Problem::new(ErrorCode::InvalidInput, "no event of Stripe");
    let event: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let (Some(id), Some(kind)) = (event["id"].as_str().filter(|id| is_reference(id)), event["type"].as_str()) else {
        return Err(unreadable().into());
    };
    if event["livemode"].as_bool() != Some(mode == Mode::Live) {
        return Err(Problem::field("livemode", Flaw::OneOf(format!("{}", mode == Mode::Live).into())).into());
    }
    Ok(Notification { event_id: id.into(), subject: subject(kind, &event["data"]["object"]) })
}

/// Whether Stripe can have given something this id. Others do not fit into the database.
fn is_reference(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What an event is about.
fn subject(kind: &str, object: &Value) -> Subject {
    let text = |value: &Value| value.as_str().filter(|text| is_reference(text)).map(str::to_owned);
    // Where something was expanded, its id lies inside.
    let id = |value: &Value| text(value).or_else(|| text(&value["id"]));
    let key = || object["metadata"][KEY].as_str().and_then(|key| key.parse::<Uuid>().ok());
    let found = match kind.split('.').collect::<Vec<_>>()[..] {
        ["checkout", "session", ..] => key().map(Subject::Payment),
        ["customer", "subscription", ..] => id(&object["id"]).map(Subject::Agreement),
        ["invoice", ..] => {
            let parent = &object["parent"]["subscription_details"]["subscription"];
            id(parent).or_else(|| id(&object["subscription"])).map(Subject::Agreement)
        }
        ["payment_intent", ..] => key().map(Subject::Payment),
        ["refund", ..] | ["charge", "refund", ..] => id(&object["payment_intent"])
            .zip(id(&object["id"]))
            .map(|(payment, refund)| Subject::Refund { payment, refund }),
        ["charge", ..] => id(&object["payment_intent"]).map(Subject::Reference),
        _ => None,
    };
    found.unwrap_or(Subject::Nothing)
}

/// `t=…,v1=…,v1=…`: one of the signatures is ours, and its moment is near.
fn is_signed(secrets: &[Secret], header: &str, body: &[u8], now: i64) -> bool {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let at = parts().find(|(name, _)| *name == "t").map(|(_, at)| at);
    let Some(at) = at.filter(|at| at.parse().is_ok_and(|at: i64| now.abs_diff(at) <= TOLERANCE.unsigned_abs())) else {
        return false;
    };
    let signed = [at.as_bytes(), b".", body].concat();
    let tags: Vec<_> = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| bytes(hex)).collect();
    secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        tags.iter().any(|tag| hmac::verify(&key, &signed, tag).is_ok())
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
        u8::from_str_radix(text, 16).ok()
    });
    pairs.collect()
}
