//! Everybody else at Stripe: customers on the hosted pages, banks, the dashboard, and the endpoint's deliveries.

use http::{Method, StatusCode};
use serde_json::Value;

use super::{
    FakeStripe, WEBHOOK_SECRET,
    book::{Book, text},
    cards,
    form::Params,
    methods, payments, routes, sessions, sign, subscriptions,
};

/// One mode of an account, seen from outside the API.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    pub(super) fake: &'a FakeStripe,
    pub(super) live: bool,
}

/// What came of entering a card on Checkout's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// Where the customer is sent.
    Paid {
        redirect: String,
    },
    Declined,
    Authenticate,
}

/// An event on its way to the endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event: Value,
}

impl Delivery {
    pub fn id(&self) -> String {
        text(&self.event, "id")
    }

    /// `invoice.paid`.
    pub fn kind(&self) -> String {
        text(&self.event, "type")
    }

    /// The body, and the header `Stripe-Signature` of a delivery now.
    pub fn signed(&self, now: domain::Timestamp) -> (String, String) {
        let body = serde_json::to_string_pretty(&self.event).unwrap_or_default();
        let header = sign(WEBHOOK_SECRET, now.timestamp(), &body);
        (body, header)
    }
}

impl Side<'_> {
    fn with<T>(&self, act: impl FnOnce(&mut Book) -> T) -> T {
        act(self.fake.state().book(self.live))
    }

    /// Somebody clicks in the dashboard: a request of the API, without its faults and keys.
    pub fn call(&self, method: Method, path: &str, form: &str) -> (StatusCode, Value) {
        let answered = self.with(|book| routes::answer(book, &method, path, &Params::parse(form)));
        answered.map_or_else(|refusal| (refusal.status, refusal.body()), |body| (StatusCode::OK, body))
    }

    /// An object as it is now; null when there is none.
    pub fn get(&self, id: &str) -> Value {
        self.with(|book| book.get(id).clone())
    }

    /// All objects of a kind, oldest first.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        self.with(|book| book.all(kind).cloned().collect())
    }

    /// Changes an object as no request could: what Stripe says of it is another thing from now on.
    pub fn bend(&self, id: &str, change: impl FnOnce(&mut Value)) {
        self.with(|book| book.set(id, change));
    }

    /// The customer of a session enters a card.
    pub fn enter_card(&self, session: &str, number: &str) -> Entered {
        self.with(|book| {
            if book.get(session)["status"] != "open" {
                return Entered::Declined;
            }
            let method = methods::card(book, number);
            book.set(session, |session| session["_method"] = method.as_str().into());
            entered(book, session, &method, false)
        })
    }

    /// The customer's bank recognises them, or does not.
    pub fn authenticate(&self, session: &str, passed: bool) -> Entered {
        self.with(|book| {
            let method = text(book.get(session), "_method");
            if passed && book.get(session)["status"] == "open" {
                return entered(book, session, &method, true);
            }
            let intent = text(book.get(session), "_intent");
            book.change(&intent, "payment_intent.payment_failed", |intent| {
                intent["status"] = "requires_payment_method".into();
                intent["next_action"] = Value::Null;
                intent["last_payment_error"] = cards::unrecognised().error;
            });
            Entered::Declined
        })
    }

    /// The customer chooses to send the money from a bank.
    pub fn pay_later(&self, session: &str) {
        self.with(|book| sessions::pay_later(book, session));
    }

    /// That money arrives, or never will.
    pub fn arrive(&self, session: &str, arrives: bool) {
        self.with(|book| sessions::arrive(book, session, arrives));
    }

    /// The cards of a customer behave as another number from now on: `4000000000000341` makes the next renewal fail,
    /// `4242424242424242` mends it.
    pub fn cards_become(&self, customer: &str, number: &str) {
        self.with(|book| {
            for method in book.ids("payment_method", |method| method["customer"] == customer) {
                book.set(&method, |method| method["_number"] = number.into());
            }
        });
    }

    /// A subscription's next attempt happens now, as `Retry` in the dashboard.
    pub fn retry(&self, invoice: &str) -> StatusCode {
        self.call(Method::POST, &format!("/v1/invoices/{invoice}/pay"), "").0
    }

    /// The bank of a payment's customer does not take a refund.
    pub fn fail_refund(&self, refund: &str) {
        self.with(|book| payments::fail_refund(book, refund));
    }

    /// The bank of a payment's customer takes the money back for now. Returns the dispute's id.
    pub fn dispute(&self, intent: &str) -> String {
        self.with(|book| {
            let charge = text(book.get(intent), "latest_charge");
            payments::dispute(book, &charge, "fraudulent")
        })
    }

    /// The bank decides.
    pub fn decide(&self, dispute: &str, won: bool) {
        self.with(|book| payments::decide(book, dispute, won));
    }

    /// The customer cancels a subscription in Stripe's own portal.
    pub fn cancel_in_portal(&self, subscription: &str) {
        self.with(|book| subscriptions::cancel_in_portal(book, subscription));
    }

    /// A subscription is ended in the dashboard.
    pub fn end(&self, subscription: &str) {
        self.with(|book| subscriptions::end(book, subscription, "canceled", "cancellation_requested"));
    }

    /// Takes the events that have not been delivered, oldest first. What a test does not deliver is lost.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.with(|book| std::mem::take(&mut book.outbox).into_iter().map(|event| Delivery { event }).collect())
    }
}

fn entered(book: &mut Book, session: &str, method: &str, authenticated: bool) -> Entered {
    match sessions::enter(book, session, method, authenticated) {
        payments::Tried::Paid => {
            let redirect = text(book.get(session), "success_url").replace("{CHECKOUT_SESSION_ID}", session);
            Entered::Paid { redirect }
        }
        payments::Tried::Authenticate => Entered::Authenticate,
        payments::Tried::Declined { .. } => Entered::Declined,
    }
}
