//! The test's side over HTTP, for tests that are not written in Rust: `POST /fake/VERB` with a JSON object, and
//! `/fake/clock` with `seconds`. All else is Stripe.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Entered, FakeStripe, Trouble};
use crate::{
    clock::{Clock, ManualClock},
    testing::{
        fault::Fault,
        http::{Answer, Reply, Request},
    },
};

/// Answers a request to the fake or to its control.
pub fn control(fake: &FakeStripe, clock: &ManualClock, request: &Request) -> Reply {
    let Some(verb) = request.path.strip_prefix("/fake/") else { return fake.answer(request.clone()) };
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    Reply::Answer(match act(fake, clock, verb, &body) {
        Ok(value) => Answer::json(StatusCode::OK, &value),
        Err(message) => Answer::json(StatusCode::CONFLICT, &json!({ "error": message })),
    })
}

fn act(fake: &FakeStripe, clock: &ManualClock, verb: &str, body: &Value) -> Result<Value, String> {
    let side = if body["mode"] == "live" { fake.live() } else { fake.test() };
    let given = |name: &str| body[name].as_str().unwrap_or_default();
    match verb {
        "clock" => clock.advance(TimeDelta::seconds(body["seconds"].as_i64().unwrap_or_default())),
        "enter_card" => return Ok(shown(&side.enter_card(given("session"), given("number")))),
        "authenticate" => return Ok(shown(&side.authenticate(given("session"), body["passed"] == true))),
        "pay_later" => side.pay_later(given("session")),
        "arrive" => side.arrive(given("session"), body["arrives"] == true),
        "cards_become" => side.cards_become(given("customer"), given("number")),
        "dispute" => return Ok(json!({ "id": side.dispute(given("payment_intent")) })),
        "decide" => side.decide(given("dispute"), body["won"] == true),
        "fault" => fake.plan(given("request"), trouble(given("fault"))?, body["times"].as_u64().unwrap_or(1) as u32),
        "deliveries" => {
            let deliveries = side.deliveries().into_iter().map(|delivery| {
                let (text, signature) = delivery.signed(clock.now());
                json!({ "id": delivery.id(), "type": delivery.kind(), "body": text, "signature": signature })
            });
            return Ok(deliveries.collect());
        }
        other => return Err(format!("no such verb: {other:?}")),
    }
    Ok(json!({ "now": clock.now().timestamp() }))
}

fn trouble(name: &str) -> Result<Trouble, String> {
    Ok(match name {
        "timeout" => Fault::Timeout.into(),
        "answer_lost" => Fault::AnswerLost.into(),
        "limited" => Fault::Limited.into(),
        "internal" => Fault::Internal.into(),
        "unavailable" => Fault::Unavailable.into(),
        "still_running" => Trouble::StillRunning(1),
        "kept_error" => Trouble::KeptError,
        other => return Err(format!("no such fault: {other:?}")),
    })
}

fn shown(entered: &Entered) -> Value {
    match entered {
        Entered::Paid { redirect } => json!({ "outcome": "paid", "redirect": redirect }),
        Entered::Declined => json!({ "outcome": "declined" }),
        Entered::Authenticate => json!({ "outcome": "authenticate" }),
    }
}
