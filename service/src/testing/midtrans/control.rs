//! The test's side over HTTP, for tests that are not written in Rust: `POST /fake/act`, `/fake/fault`, `/fake/clock`
//! and `GET /fake/notifications`. All else is Midtrans.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};

use super::{FakeMidtrans, Means, Step};
use crate::{
    clock::{Clock, ManualClock},
    testing::{
        fault::Fault,
        http::{Answer, Reply, Request},
    },
};

/// Answers a request to the fake or to its control.
pub fn control(fake: &FakeMidtrans, clock: &ManualClock, request: &Request) -> Reply {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let done = match request.path.as_str() {
        "/fake/act" => act(fake, &body),
        "/fake/fault" => fault(fake, &body),
        "/fake/link" => {
            fake.link(body["account_id"].as_str().unwrap_or_default(), body["linked"] == true);
            Ok(Value::Null)
        }
        "/fake/clock" => {
            clock.advance(TimeDelta::seconds(body["seconds"].as_i64().unwrap_or_default()));
            Ok(json!({ "now": clock.now().timestamp() }))
        }
        "/fake/notifications" => {
            let bodies = fake.notifications().into_iter().map(|notification| notification.body);
            Ok(bodies.collect())
        }
        _ => return fake.answer(request),
    };
    Reply::Answer(match done {
        Ok(value) => Answer::json(StatusCode::OK, &value),
        Err(message) => Answer::json(StatusCode::CONFLICT, &json!({ "error": message })),
    })
}

fn act(fake: &FakeMidtrans, body: &Value) -> Result<Value, String> {
    let amount = body["amount"].as_i64();
    let step = match body["step"].as_str().unwrap_or_default() {
        "begin" => {
            let card = body["card"].as_str().unwrap_or(super::GOOD_CARD);
            let means = body["means"].as_str().unwrap_or_default();
            Step::Begin(Means::named(means, card).ok_or_else(|| format!("no such means: {means:?}"))?)
        }
        "complete" => Step::Complete,
        "refuse" => Step::Refuse,
        "challenge" => Step::Challenge,
        "fraud_deny" => Step::FraudDeny,
        "break" => Step::Break,
        "pay_late" => Step::PayLate,
        "settle" => Step::Settle,
        "accept" => Step::Accept,
        "reject" => Step::Reject,
        "refund" => Step::Refund(amount),
        "charge_back" => Step::ChargeBack(amount),
        other => return Err(format!("no such step: {other:?}")),
    };
    fake.act(body["order_id"].as_str().unwrap_or_default(), step)?;
    Ok(Value::Null)
}

fn fault(fake: &FakeMidtrans, body: &Value) -> Result<Value, String> {
    let fault = match body["fault"].as_str().unwrap_or_default() {
        "timeout" => Fault::Timeout,
        "answer_lost" => Fault::AnswerLost,
        "limited" => Fault::Limited,
        "internal" => Fault::Internal,
        "unavailable" => Fault::Unavailable,
        other => return Err(format!("no such fault: {other:?}")),
    };
    fake.fail_next(body["path"].as_str().unwrap_or_default(), fault);
    Ok(Value::Null)
}
