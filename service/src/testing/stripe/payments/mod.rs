//! Payment intents, charges, refunds and disputes: how money moves.

pub(super) mod requests;

use serde_json::{Value, json};

use super::{
    book::{Book, int, text},
    cards::{self, Verdict},
    refusal::{Answered, Refusal},
    shape::{list, make},
};

/// What a new payment intent is for.
#[derive(Default)]
pub(super) struct Wanted {
    pub amount: i64,
    pub currency: String,
    pub customer: Value,
    pub description: Value,
    pub metadata: Value,
    pub setup_future_usage: Value,
    pub receipt_email: Value,
    /// The invoice that it pays; null when it pays none.
    pub invoice: Value,
}

/// What came of trying to pay.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tried {
    Paid,
    Authenticate,
    Declined { code: &'static str, decline_code: Option<&'static str> },
}

/// The least that Stripe charges, in minor units.
fn minimum(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "chf" | "aud" | "cad" | "sgd" | "nzd" | "brl" => 50,
        "gbp" => 30,
        "jpy" => 50,
        _ => 1,
    }
}

pub(super) fn check_amount(amount: i64, currency: &str) -> Answered<()> {
    if amount >= minimum(currency) {
        return Ok(());
    }
    Err(Refusal::invalid("The amount is below the minimum that can be charged.")
        .code("amount_too_small")
        .param("amount"))
}

pub(super) fn open(book: &mut Book, wanted: Wanted) -> String {
    let id = book.new_id("pi");
    let fields = json!({
        "id": id,
        "amount": wanted.amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": format!("{id}_secret_fake"),
        "confirmation_method": "automatic",
        "currency": wanted.currency,
        "customer": wanted.customer,
        "description": wanted.description,
        "metadata": if wanted.metadata.is_object() { wanted.metadata } else { json!({}) },
        "payment_method_types": ["card"],
        "receipt_email": wanted.receipt_email,
        "setup_future_usage": wanted.setup_future_usage,
        "status": "requires_payment_method",
        "_invoice": wanted.invoice,
    });
    book.create("pi", make("payment_intent", fields), "payment_intent.created")
}

/// Tries to pay an intent with a method. `off_session`: its owner is not there to be asked.
pub(super) fn attempt(book: &mut Book, intent: &str, method: &str, off_session: bool, authenticated: bool) -> Tried {
    let card = book.get(method).clone();
    let number = text(&card, "_number");
    match cards::charge(&number, off_session, card["_kept"] == true, authenticated) {
        Verdict::Authenticate => {
            book.change(intent, "payment_intent.requires_action", |intent| {
                intent["status"] = "requires_action".into();
                intent["payment_method"] = method.into();
                let redirect = json!({ "url": "https://hooks.stripe.com/3d_secure", "return_url": null });
                intent["next_action"] = json!({ "type": "redirect_to_url", "redirect_to_url": redirect });
            });
            Tried::Authenticate
        }
        Verdict::Declined { code, decline_code } => {
            let mut error = cards::declined(code, decline_code).error;
            let charge = charge(book, intent, &card, Some(&error));
            error["charge"] = charge.clone().into();
            error["payment_method"] = card;
            book.emit("charge.failed", &book.get(&charge).clone());
            book.change(intent, "payment_intent.payment_failed", |intent| {
                intent["status"] = "requires_payment_method".into();
                intent["payment_method"] = Value::Null;
                intent["next_action"] = Value::Null;
                intent["last_payment_error"] = error;
                intent["latest_charge"] = charge.into();
            });
            Tried::Declined { code, decline_code }
        }
        Verdict::Approved { disputed } => {
            succeed(book, intent, &card);
            if disputed {
                let charge = text(book.get(intent), "latest_charge");
                dispute(book, &charge, "fraudulent");
            }
            Tried::Paid
        }
    }
}

/// The money of an intent arrives.
pub(super) fn succeed(book: &mut Book, intent: &str, method: &Value) {
    let kept = !book.get(intent)["setup_future_usage"].is_null() || !book.get(intent)["_invoice"].is_null();
    let (customer, id) = (text(book.get(intent), "customer"), text(method, "id"));
    if kept && !customer.is_empty() {
        keep(book, &id, &customer);
    }
    let charge = charge(book, intent, method, None);
    book.emit("charge.succeeded", &book.get(&charge).clone());
    book.change(intent, "payment_intent.succeeded", |intent| {
        intent["status"] = "succeeded".into();
        intent["amount_received"] = intent["amount"].clone();
        intent["payment_method"] = id.into();
        intent["next_action"] = Value::Null;
        intent["last_payment_error"] = Value::Null;
        intent["latest_charge"] = charge.into();
    });
}

/// A method belongs to a customer from now on, who agreed to be charged again.
pub(super) fn keep(book: &mut Book, method: &str, customer: &str) {
    book.set(method, |method| method["_kept"] = true.into());
    if book.get(method)["customer"] != customer {
        book.change(method, "payment_method.attached", |method| method["customer"] = customer.into());
    }
}

fn charge(book: &mut Book, intent: &str, method: &Value, error: Option<&Value>) -> String {
    let intent = book.get(intent).clone();
    let id = book.new_id("ch");
    let paid = error.is_none();
    let outcome = match error {
        None => json!({ "network_status": "approved_by_network", "type": "authorized", "reason": null }),
        Some(error) => {
            json!({ "network_status": "declined_by_network", "type": "issuer_declined", "reason": error["decline_code"] })
        }
    };
    let kind = text(method, "type");
    let mut details = json!({ "type": kind });
    details[&kind] = method[&kind].clone();
    let fields = json!({
        "id": id,
        "amount": intent["amount"],
        "amount_captured": if paid { intent["amount"].clone() } else { 0.into() },
        "amount_refunded": 0,
        "balance_transaction": if paid { json!(format!("txn_{id}")) } else { Value::Null },
        "captured": paid,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "failure_code": error.map(|error| error["code"].clone()),
        "failure_message": error.map(|error| error["message"].clone()),
        "fraud_details": {},
        "metadata": intent["metadata"],
        "outcome": outcome,
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "receipt_email": intent["receipt_email"],
        "receipt_url": if paid { json!(format!("https://pay.stripe.com/receipts/{id}")) } else { Value::Null },
        "refunds": list(&format!("/v1/charges/{id}/refunds"), []),
        "status": if paid { "succeeded" } else { "failed" },
    });
    book.add("ch", make("charge", fields))
}

/// A refund comes to nothing: its money is the merchant's again.
pub(super) fn fail_refund(book: &mut Book, refund: &str) {
    let (charge, amount) = (text(book.get(refund), "charge"), int(book.get(refund), "amount"));
    book.set(&charge, |charge| {
        let left = int(charge, "amount_refunded") - amount;
        charge["amount_refunded"] = left.into();
        charge["refunded"] = false.into();
    });
    book.change(refund, "refund.updated", |refund| {
        refund["status"] = "failed".into();
        refund["failure_reason"] = "expired_or_canceled_card".into();
    });
    book.emit("refund.failed", &book.get(refund).clone());
}

/// Opens a dispute of a charge: the bank takes the money back for now.
pub(super) fn dispute(book: &mut Book, charge: &str, reason: &str) -> String {
    let charged = book.get(charge).clone();
    let fields = json!({
        "amount": int(&charged, "amount") - int(&charged, "amount_refunded"),
        "charge": charge,
        "currency": charged["currency"],
        "evidence_details": { "due_by": book.now + 7 * 86_400, "has_evidence": false, "past_due": false,
            "submission_count": 0, "enhanced_eligibility": {} },
        "payment_intent": charged["payment_intent"],
        "payment_method_details": { "type": "card",
            "card": { "brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4", "network": "visa" } },
        "reason": reason,
        "status": "needs_response",
    });
    book.set(charge, |charge| charge["disputed"] = true.into());
    let id = book.create("dp", make("dispute", fields), "charge.dispute.created");
    book.emit("charge.dispute.funds_withdrawn", &book.get(&id).clone());
    id
}

/// The bank decides a dispute.
pub(super) fn decide(book: &mut Book, dispute: &str, won: bool) {
    book.change(dispute, "charge.dispute.closed", |dispute| {
        dispute["status"] = if won { "won" } else { "lost" }.into()
    });
    if won {
        book.emit("charge.dispute.funds_reinstated", &book.get(dispute).clone());
    }
}
