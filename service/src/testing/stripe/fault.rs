//! What goes wrong on demand.

use http::StatusCode;

use super::refusal::Refusal;
use crate::testing::{
    fault::Fault,
    http::{Answer, Reply},
};

/// Any fault of any provider, or one of Stripe's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Any(Fault),
    /// 500 of the work itself: nothing done, and the key's answer from now on.
    KeptError,
    /// The answer is lost, and so many repetitions of the request find it still running.
    StillRunning(u32),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Any(fault)
    }
}

impl Trouble {
    /// The reply where the request does not get through.
    pub(super) fn before(self) -> Option<Reply> {
        let refusal = match self {
            Self::Any(Fault::Timeout) => return Some(Reply::Silence),
            Self::Any(Fault::Limited) => Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "invalid_request_error",
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            )
            .code("rate_limit"),
            Self::Any(Fault::Internal) => server_error(),
            Self::Any(Fault::Unavailable) => Refusal { status: StatusCode::SERVICE_UNAVAILABLE, ..server_error() },
            Self::Any(Fault::Refused) => {
                let refusal = Refusal::invalid("Your account cannot currently make charges.");
                return Some(Reply::Answer(Answer::json(refusal.status, &refusal.body())));
            }
            Self::Any(Fault::AnswerLost) | Self::KeptError | Self::StillRunning(_) => return None,
        };
        let answer = Answer::json(refusal.status, &refusal.body());
        Some(Reply::Answer(answer.with("stripe-should-retry", "true")))
    }

    /// Whether the work is done, and nobody hears of it.
    pub(super) const fn loses_answer(self) -> bool {
        matches!(self, Self::Any(Fault::AnswerLost) | Self::StillRunning(_))
    }
}

pub(super) fn server_error() -> Refusal {
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "api_error",
        "Sorry! There was an error while talking to one of our backends. Support has been notified.",
    )
}

/// Trouble that waits for its request.
pub(super) struct Planned {
    pub matching: String,
    pub trouble: Trouble,
    pub times: u32,
}

/// The trouble of this request, if one is planned.
pub(super) fn take(planned: &mut Vec<Planned>, request: &str) -> Option<Trouble> {
    let index = planned.iter().position(|planned| request.starts_with(&planned.matching))?;
    planned[index].times -= 1;
    let trouble = planned[index].trouble;
    if planned[index].times == 0 {
        planned.remove(index);
    }
    Some(trouble)
}
