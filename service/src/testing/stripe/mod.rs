//! Stripe as its public documentation describes it, in process: customers, products, prices, coupons, Checkout
//! Sessions, subscriptions, invoices, payments, refunds, disputes and events, with Stripe's errors, lists, expansions,
//! idempotency and signatures. Its time is a clock that is passed in; what became due meanwhile (renewals, trial ends,
//! retries, expiries) happens, each thing at its own moment, before the next request is answered.
//!
//! It keeps to what is documented, and refuses parameters that it does not know, so that a call that works here is one
//! that Stripe documents. Not here: taxes, tiers, usage, Connect, schedules, promotion codes, flexible
//! billing mode's prorations.

mod account;
mod book;
mod calendar;
mod cards;
mod catalog;
mod control;
mod customers;
mod fault;
mod form;
mod idempotency;
mod invoice_items;
mod invoices;
mod methods;
mod page;
mod payments;
mod refusal;
mod routes;
mod sessions;
mod shape;
mod side;
mod signature;
mod subscriptions;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, StatusCode};
use serde_json::Value;

pub use control::control;
pub use fault::Trouble;
pub use side::{Delivery, Entered, Side};
pub use signature::sign;

use self::{book::Book, form::Params, refusal::Refusal};
use super::http::{Answer, HttpServer, Reply, Request};
use crate::clock::Clock;

/// The secret keys of the account.
pub const TEST_KEY: &str = "sk_test_fake";
pub const LIVE_KEY: &str = "sk_live_fake";
/// Signs the events of the account's endpoint.
pub const WEBHOOK_SECRET: &str = "whsec_fake";

/// What an account chooses in its dashboard.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Days between one failed attempt at an invoice and the next; after the last it is given up.
    pub retries: Vec<i64>,
    pub after_retries: AfterRetries,
    /// How long the invoice of a renewal stays a draft.
    pub draft_seconds: i64,
    /// The version of the API in which events are told.
    pub webhook_version: &'static str,
    /// Whether new subscriptions are in classic billing mode, as those are that versions before 2025-09-30 have made.
    pub classic: bool,
}

/// What becomes of a subscription whose invoice is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRetries {
    Cancel,
    Unpaid,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            retries: vec![3, 5, 7],
            after_retries: AfterRetries::Cancel,
            draft_seconds: 3600,
            webhook_version: shape::LATEST,
            classic: false,
        }
    }
}

/// One account. Cheap to clone: all clones are the same account.
#[derive(Clone)]
pub struct FakeStripe(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    test: Book,
    live: Book,
    troubles: Vec<fault::Planned>,
    requests: u64,
}

impl State {
    fn book(&mut self, live: bool) -> &mut Book {
        if live { &mut self.live } else { &mut self.test }
    }
}

impl FakeStripe {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let now = clock.now().timestamp();
        let (test, live) = (Book::new(false, now), Book::new(true, now));
        Self(Arc::new(Inner { clock, state: Mutex::new(State { test, live, troubles: Vec::new(), requests: 0 }) }))
    }

    /// An account behind an address of its own.
    pub async fn serve(&self) -> HttpServer {
        let fake = self.clone();
        let server = HttpServer::start(move |request| fake.answer(request)).await;
        self.pages_at(&server.url());
        server
    }

    /// Where the hosted pages are.
    pub fn pages_at(&self, url: &str) {
        let mut state = self.state();
        for live in [false, true] {
            state.book(live).pages = url.to_owned();
        }
    }

    /// Changes what the account chose.
    pub fn choose(&self, choose: impl Fn(&mut Rules)) {
        let mut state = self.state();
        for live in [false, true] {
            choose(&mut state.book(live).rules);
        }
    }

    /// The next `times` requests whose `METHOD /path` begins with `matching` go wrong.
    pub fn plan(&self, matching: &str, trouble: impl Into<Trouble>, times: u32) {
        let planned = fault::Planned { matching: matching.into(), trouble: trouble.into(), times };
        self.state().troubles.push(planned);
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        self.state().troubles.clear();
    }

    /// How many requests came in.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// The customers, the banks and the dashboard of test mode.
    pub fn test(&self) -> Side<'_> {
        Side { fake: self, live: false }
    }

    /// Those of live mode.
    pub fn live(&self) -> Side<'_> {
        Side { fake: self, live: true }
    }

    /// Answers one request of the API, or of a hosted page.
    pub fn answer(&self, request: Request) -> Reply {
        if !request.path.starts_with("/v1/") {
            return Reply::Answer(page::answer(self, &request));
        }
        let mut state = self.state();
        state.requests += 1;
        let id = format!("req_{}", state.requests);
        let trouble = fault::take(&mut state.troubles, &format!("{} {}", request.method, request.path));
        if let Some(reply) = trouble.and_then(Trouble::before) {
            return dressed(reply, &id);
        }
        let (status, body, replayed) = match mode(&request) {
            Ok(live) => respond(&mut state, live, &request, trouble),
            Err(refusal) => (refusal.status, refusal.body(), false),
        };
        if trouble.is_some_and(Trouble::loses_answer) {
            return Reply::HangUp;
        }
        let version = match request.header("stripe-version") {
            "" => shape::LATEST,
            version => version,
        };
        let answer = Answer::json(status, &shape::dress(&body, version)).with("stripe-version", version);
        let answer = if replayed { answer.with("idempotent-replayed", "true") } else { answer };
        dressed(Reply::Answer(answer), &id)
    }

    /// The state, with everything that is due by now done.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.0.clock.now().timestamp();
        for live in [false, true] {
            catch_up(state.book(live), now);
        }
        state
    }
}

fn dressed(reply: Reply, id: &str) -> Reply {
    match reply {
        Reply::Answer(answer) => Reply::Answer(answer.with("request-id", id)),
        reply => reply,
    }
}

/// Whether the key is the live one.
fn mode(request: &Request) -> Result<bool, Refusal> {
    let refuse = |message: &str| Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message));
    match request.header("authorization").strip_prefix("Bearer ") {
        Some(TEST_KEY) => Ok(false),
        Some(LIVE_KEY) => Ok(true),
        Some(key) if key.starts_with("pk_") => refuse("This API call cannot be made with a publishable API key."),
        Some(key) => refuse(&format!("Invalid API Key provided: {}****", key.get(..8).unwrap_or_default())),
        None => refuse("You did not provide an API key."),
    }
}

fn respond(state: &mut State, live: bool, request: &Request, trouble: Option<Trouble>) -> (StatusCode, Value, bool) {
    let text = match request.method {
        Method::POST => String::from_utf8_lossy(&request.body).into_owned(),
        _ => request.query.clone(),
    };
    let key = request.header("idempotency-key");
    let key = Some(key).filter(|key| request.method == Method::POST && !key.is_empty());
    let fingerprint = format!("{} {} {text}", request.method, request.path);
    let book = state.book(live);
    if let Some(key) = key {
        let now = book.now;
        book.settled.retain(|_, settled| settled.at + idempotency::REMEMBERED > now);
        if let Some(settled) = book.settled.get_mut(key) {
            return match idempotency::again(settled, key, &fingerprint) {
                Ok((status, body)) => (status, body, true),
                Err(refusal) => (refusal.status, refusal.body(), false),
            };
        }
    }
    book.idempotency_key = key.map(str::to_owned);
    let answered = match trouble {
        Some(Trouble::KeptError) => Err(fault::server_error()),
        _ => routes::answer(book, &request.method, &request.path, &Params::parse(&text)),
    };
    book.idempotency_key = None;
    let answered = answered.map_err(|refusal| in_other_mode(state, live, &request.path, refusal));
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (refusal.status, refusal.body()),
    };
    // What was refused before any work began is not remembered.
    let worked = status == StatusCode::OK || status == StatusCode::PAYMENT_REQUIRED || status.is_server_error();
    if let Some(key) = key.filter(|_| worked) {
        let running = if let Some(Trouble::StillRunning(times)) = trouble { times } else { 0 };
        let (book, body) = (state.book(live), body.clone());
        let settled = idempotency::Settled { request: fingerprint, status, body, at: book.now, running };
        book.settled.insert(key.to_owned(), settled);
    }
    (status, body, false)
}

/// Says so when what is missing is there in the other mode.
fn in_other_mode(state: &mut State, live: bool, path: &str, mut refusal: Refusal) -> Refusal {
    let message = refusal.error["message"].as_str().unwrap_or_default().to_owned();
    let id = message.split('\'').nth(1).unwrap_or(path);
    if refusal.error["code"] == "resource_missing" && !state.book(!live).get(id).is_null() {
        let (this, other) = if live { ("live", "test") } else { ("test", "live") };
        let hint =
            format!("; a similar object exists in {other} mode, but a {this} mode key was used to make this request.");
        refusal.error["message"] = (message + &hint).into();
    }
    refusal
}

/// Does what is due by `now`, earliest first, each thing at its own moment.
fn catch_up(book: &mut Book, now: i64) {
    type Advance = fn(&mut Book, &str);
    type DueAt = fn(&Value) -> Option<i64>;
    const KINDS: [(&str, DueAt, Advance); 3] = [
        ("checkout.session", sessions::due_at, sessions::expire),
        ("subscription", subscriptions::due_at, subscriptions::advance),
        ("invoice", invoices::due_at, invoices::advance),
    ];
    if now <= book.now && !book.touched {
        return;
    }
    loop {
        let mut next: Option<(i64, String, Advance)> = None;
        for (kind, due_at, advance) in KINDS {
            for object in book.all(kind) {
                let Some(at) = due_at(object).filter(|at| *at <= now) else { continue };
                if next.as_ref().is_none_or(|(earliest, ..)| at < *earliest) {
                    next = Some((at, book::text(object, "id"), advance));
                }
            }
        }
        let Some((at, id, advance)) = next else { break };
        book.now = book.now.max(at);
        advance(book, &id);
    }
    book.now = book.now.max(now);
    book.touched = false;
}

#[cfg(test)]
mod tests;
