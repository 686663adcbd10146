//! A stand-in for Midtrans, after its public documentation: one merchant's account with Snap, the Core API, GoPay
//! linking and subscriptions; the side of customers, banks and dashboard, which a test plays; and notifications, which
//! wait until a test takes them. It stands in memory and goes by the clock that it is given.
//!
//! The Core API answers HTTP 200 with a `status_code` in the body, as Midtrans does, but for wrong keys (401) and
//! trouble (429, 5xx); Snap and subscriptions use HTTP's codes.

mod account;
mod control;
mod core;
mod customer;
mod notification;
mod page;
mod refusal;
mod snap;
mod subscriptions;
mod transaction;
mod wallet;
mod wire;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use http::{Method, StatusCode};
use serde_json::{Value, json};

pub use control::control;
pub use customer::Step;
pub use notification::Notification;
pub use transaction::{Fraud, Means, Status, Transaction};
pub use wire::signature;

use super::{
    fault::Fault,
    http::{Answer, HttpServer, Reply, Request},
};
use crate::clock::Clock;
use account::Account;
use refusal::Refusal;

/// The card of the documentation that always pays.
pub const GOOD_CARD: &str = "4811111111111114";
/// The card of the documentation that its bank always refuses.
pub const BAD_CARD: &str = "4911111111111113";
/// The card of the documentation that fraud detection questions.
pub const QUESTIONED_CARD: &str = "4511111111111117";

/// An account at Midtrans. Clones are the same account.
#[derive(Clone)]
pub struct FakeMidtrans(Arc<Mutex<Account>>);

/// A call that has arrived.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub body: Value,
}

impl FakeMidtrans {
    /// An account with this server key. Times are those of `clock`.
    pub fn new(clock: Arc<dyn Clock>, server_key: &str) -> Self {
        Self(Arc::new(Mutex::new(Account {
            clock,
            server_key: server_key.into(),
            client_key: server_key.replace("server", "client"),
            merchant_id: "G141532850".into(),
            url: "https://app.sandbox.midtrans.com".into(),
            pages: Vec::new(),
            transactions: BTreeMap::new(),
            cards: BTreeMap::new(),
            accounts: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            answers: BTreeMap::new(),
            outbox: Vec::new(),
            faults: VecDeque::new(),
            calls: Vec::new(),
            serial: 0,
            tells_tokens: false,
        })))
    }

    /// Puts it behind an address on loopback, under which both of Midtrans's hosts are.
    pub async fn serve(&self) -> HttpServer {
        let fake = self.clone();
        let server = HttpServer::start(move |request| fake.answer(&request)).await;
        self.pages_at(&server.url());
        server
    }

    /// Where its pages are.
    pub fn pages_at(&self, url: &str) {
        self.lock().url = url.to_owned();
    }

    /// From now on the status of a card says the token under which it was kept, which the documentation shows in the
    /// notifications and the answers to charges only.
    pub fn tell_tokens(&self) {
        self.lock().tells_tokens = true;
    }

    /// What becomes of one request.
    pub fn answer(&self, request: &Request) -> Reply {
        if let Some(token) = request.path.strip_prefix("/snap/v4/redirection/") {
            return Reply::Answer(page::answer(self, token, request));
        }
        let mut account = self.lock();
        account.pass_time();
        let fault = account.take_fault(request);
        let down = |status: StatusCode, message: &str| {
            Reply::Answer(Answer::json(status, &json!({ "status_code": status.as_str(), "status_message": message })))
        };
        match fault {
            Some(Fault::Timeout) => return Reply::Silence,
            Some(Fault::Limited) => return down(StatusCode::TOO_MANY_REQUESTS, "API rate limit exceeded"),
            Some(Fault::Internal) => return down(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Some(Fault::Unavailable) => return down(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
            Some(Fault::Refused) => return down(StatusCode::BAD_REQUEST, "One or more parameters is invalid"),
            Some(Fault::AnswerLost) | None => {}
        }
        let answer = account.handle(request);
        if fault == Some(Fault::AnswerLost) { Reply::HangUp } else { Reply::Answer(answer) }
    }

    /// The next call with `part` in its path or body goes wrong; each fault is used once, in their order.
    pub fn fail_next(&self, part: &str, fault: Fault) {
        self.lock().faults.push_back((part.into(), fault));
    }

    /// Faults that have met no call are called off.
    pub fn calm(&self) {
        self.lock().faults.clear();
    }

    /// Lets time have its effects (expiry, settlement, subscriptions) without a call.
    pub fn pass_time(&self) {
        self.lock().pass_time();
    }

    /// What Midtrans has to tell, in its order. It is told once.
    pub fn notifications(&self) -> Vec<Notification> {
        let mut account = self.lock();
        account.pass_time();
        std::mem::take(&mut account.outbox)
    }

    /// A transaction as it stands, by order id.
    pub fn transaction(&self, order_id: &str) -> Option<Transaction> {
        let mut account = self.lock();
        account.pass_time();
        account.transactions.get(order_id).cloned()
    }

    /// Every transaction that has been made.
    pub fn transactions(&self) -> Vec<Transaction> {
        self.lock().transactions.values().cloned().collect()
    }

    /// The calls so far whose path has `part` in it.
    pub fn calls(&self, part: &str) -> Vec<Call> {
        self.lock().calls.iter().filter(|call| call.path.contains(part)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Account {
    fn handle(&mut self, request: &Request) -> Answer {
        let body = match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(_) if request.body.is_empty() => Value::Null,
            Err(_) => return Refusal::core(413, "The request body has a syntax error").answer(),
        };
        self.calls.push(Call { method: request.method.clone(), path: request.path.clone(), body: body.clone() });
        let key = request.header("idempotency-key").to_owned();
        if let Some(answer) = self.remembered(&key) {
            return answer;
        }
        match self.route(request, &body) {
            Ok(answer) => {
                self.remember(key, &answer);
                answer
            }
            Err(refusal) => refusal.answer(),
        }
    }

    fn route(&mut self, request: &Request, body: &Value) -> Result<Answer, Refusal> {
        let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let by_key = self.is_server(request.header("authorization"));
        let post = request.method == Method::POST;
        match path.as_slice() {
            // With the client key in the query: browsers call it.
            ["v2", "token"] => self.card_token(&request.query),
            ["snap", ..] if !by_key => Err(Refusal::snap(401, "Access denied, please check client or server key")),
            _ if !by_key => Err(Refusal::unauthorized()),
            ["snap", "v1", "transactions"] if post => self.create_page(request, body),
            ["snap", "v1", "transactions", token, "cancel"] if post => self.cancel_page(token),
            ["snap", "v3", "users", user, "gopay"] => self.user_account(&request.method, user),
            ["v2", "charge"] if post => self.charge(request, body),
            ["v2", "capture"] if post => self.capture(body),
            ["v2", "pay", "account"] if post => self.link_account(body),
            ["v2", "pay", "account", id] => self.show_account(id),
            ["v2", "pay", "account", id, "unbind"] if post => self.unbind_account(id),
            ["v2", id, "status"] => self.status(id),
            ["v2", id, "cancel"] if post => self.cancel(id),
            ["v2", id, "expire"] if post => self.expire(id),
            ["v2", id, "approve"] if post => self.approve(id),
            ["v2", id, "deny"] if post => self.deny(id),
            ["v2", id, "refund"] | ["v2", id, "refund", "online", "direct"] if post => self.refund(id, body),
            ["v1", "subscriptions"] if post => self.create_subscription(body),
            ["v1", "subscriptions", id] => self.subscription(&request.method, id, body),
            ["v1", "subscriptions", id, verb] if post => self.switch_subscription(id, verb),
            _ => Err(Refusal::core(404, "The requested resource is not found")),
        }
    }
}

fn ok(body: impl Into<Value>) -> Answer {
    Answer::json(StatusCode::OK, &body.into())
}
