//! What one account holds, and what time does to it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use domain::Timestamp;
use serde_json::Value;

use super::{
    Call,
    notification::Notification,
    snap::Page,
    subscriptions::Subscription,
    transaction::{Fraud, Status, Transaction, View},
    wallet::PayAccount,
};
use crate::{
    clock::Clock,
    testing::{
        fault::Fault,
        http::{Answer, Request},
    },
};

/// How long an answer is kept for its `Idempotency-Key`.
const REMEMBERED: TimeDelta = TimeDelta::minutes(5);
/// Longer keys are ignored.
const LONGEST_KEY: usize = 46;

/// A card that was entered, or is kept.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub number: String,
    /// Kept for later charges: the token lives on.
    pub is_saved: bool,
    /// Its bank refuses from now on.
    pub is_refused: bool,
}

pub(super) struct Account {
    pub clock: Arc<dyn Clock>,
    pub server_key: String,
    pub client_key: String,
    pub merchant_id: String,
    /// Where its pages are.
    pub url: String,
    pub pages: Vec<Page>,
    /// The latest transaction of each order.
    pub transactions: BTreeMap<String, Transaction>,
    pub cards: BTreeMap<String, Card>,
    pub accounts: BTreeMap<String, PayAccount>,
    pub subscriptions: BTreeMap<String, Subscription>,
    pub answers: BTreeMap<String, (Timestamp, Answer)>,
    pub outbox: Vec<Notification>,
    /// With the part of the path or body that they wait for.
    pub faults: VecDeque<(String, Fault)>,
    pub calls: Vec<Call>,
    pub serial: u64,
    /// Whether the status of a card says the token under which it was kept.
    pub tells_tokens: bool,
}

impl Account {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn new_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A new id that looks like Midtrans's.
    pub fn new_id(&mut self) -> String {
        format!("513f1f01-c9da-474c-9fc9-{:012x}", self.new_serial())
    }

    /// Whether it is HTTP Basic with the server key as name and no password.
    pub fn is_server(&self, authorization: &str) -> bool {
        let expected = BASE64_STANDARD.encode(format!("{}:", self.server_key));
        authorization.strip_prefix("Basic ") == Some(expected.as_str())
    }

    pub fn take_fault(&mut self, request: &Request) -> Option<Fault> {
        if self.faults.is_empty() {
            return None;
        }
        let body = String::from_utf8_lossy(&request.body);
        let fits = |part: &str| request.path.contains(part) || body.contains(part);
        let index = self.faults.iter().position(|(part, _)| fits(part))?;
        self.faults.remove(index).map(|(_, fault)| fault)
    }

    pub fn remembered(&self, key: &str) -> Option<Answer> {
        let (at, answer) = self.answers.get(key)?;
        (*at + REMEMBERED > self.now()).then(|| answer.clone())
    }

    pub fn remember(&mut self, key: String, answer: &Answer) {
        if !key.is_empty() && key.len() <= LONGEST_KEY {
            self.answers.insert(key, (self.now(), answer.clone()));
        }
    }

    /// Changes a transaction and tells of it when its status has changed.
    pub fn change(&mut self, order_id: &str, change: impl FnOnce(&mut Transaction)) {
        let Some(transaction) = self.transactions.get_mut(order_id) else { return };
        let before = (transaction.status, transaction.fraud, transaction.refunds.len());
        change(transaction);
        if before != (transaction.status, transaction.fraud, transaction.refunds.len()) {
            self.tell(order_id);
        }
    }

    /// Puts a notification of a transaction into the outbox.
    pub fn tell(&mut self, order_id: &str) {
        let Some(transaction) = self.transactions.get(order_id) else { return };
        let body = transaction.body(View::Notification, &self.server_key, &self.merchant_id);
        self.outbox.push(Notification {
            url: transaction.notify.clone(),
            order_id: order_id.into(),
            what: transaction.status.as_str().into(),
            body: Value::Object(body).to_string(),
        });
    }

    /// What has come due: what nobody paid expires, cards are settled in the next day's batch (and cancelled there
    /// while fraud detection still questions them), subscriptions charge.
    pub fn pass_time(&mut self) {
        let now = self.now();
        let due: Vec<(String, Status)> = self
            .transactions
            .values()
            .filter_map(|transaction| {
                let next = match transaction.status {
                    Status::Pending if transaction.expires_at <= now => Status::Expire,
                    Status::Capture if transaction.batch_at.is_some_and(|at| at <= now) => match transaction.fraud {
                        Fraud::Accept => Status::Settlement,
                        Fraud::Challenge | Fraud::Deny => Status::Cancel,
                    },
                    _ => return None,
                };
                Some((transaction.order_id.clone(), next))
            })
            .collect();
        for (order_id, next) in due {
            self.change(&order_id, |transaction| {
                transaction.status = next;
                if next == Status::Settlement {
                    transaction.settled_at = transaction.batch_at;
                }
            });
        }
        self.run_subscriptions(now);
    }
}
