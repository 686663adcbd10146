//! `Idempotency-Key` as Stripe keeps it: the first answer for a day, also when it was an error of the work itself;
//! never one of a request that was refused before its work began.

use http::StatusCode;
use serde_json::Value;

use super::refusal::Refusal;

/// How long keys are remembered.
pub(super) const REMEMBERED: i64 = 24 * 3600;

/// What a key was used for.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Method, path and parameters.
    pub request: String,
    pub status: StatusCode,
    pub body: Value,
    pub at: i64,
    /// How many more requests find the first one still running.
    pub running: u32,
}

/// What a second request with a key gets.
pub(super) fn again(settled: &mut Settled, key: &str, request: &str) -> Result<(StatusCode, Value), Refusal> {
    if settled.request != request {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "idempotency_error", &message));
    }
    if settled.running > 0 {
        settled.running -= 1;
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you \
             submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        let refusal = Refusal::new(StatusCode::CONFLICT, "idempotency_error", &message);
        return Err(refusal.code("idempotency_key_in_use"));
    }
    Ok((settled.status, settled.body.clone()))
}
