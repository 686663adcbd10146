//! What the API asks of payments.

use serde_json::{Value, json};

use super::{
    super::{
        book::{Book, int, text},
        cards,
        form::Params,
        methods,
        refusal::{Answered, Refusal},
        shape::make,
    },
    Tried, Wanted, attempt, check_amount, decide, open,
};

pub(in super::super) fn create_intent(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let amount = params.int("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = params.need("currency")?.to_lowercase();
    check_amount(amount, &currency)?;
    if let Some(customer) = params.text("customer") {
        book.named("customer", customer, "customer")?;
    }
    let method = params.text("payment_method").map(|id| methods::usable(book, id)).transpose()?;
    if let Some(method) = &method {
        let owner = &book.get(method)["customer"];
        if !owner.is_null() && owner.as_str() != params.text("customer") {
            let message = "The provided PaymentMethod cannot be used because it belongs to another customer.";
            return Err(Refusal::invalid(message).param("payment_method"));
        }
    }
    let mut holder = json!({ "metadata": {} });
    params.merge_metadata(&mut holder);
    let wanted = Wanted {
        amount,
        currency,
        customer: params.text("customer").into(),
        description: params.text("description").into(),
        metadata: holder["metadata"].take(),
        setup_future_usage: params.word("setup_future_usage", &["on_session", "off_session"])?.into(),
        receipt_email: params.text("receipt_email").into(),
        invoice: Value::Null,
    };
    let id = open(book, wanted);
    match method {
        Some(method) if params.flag("confirm")? == Some(true) => {
            let off_session = params.text("off_session").is_some_and(|given| given != "false");
            confirmed(book, &id, &method, off_session)
        }
        Some(method) => {
            book.set(&id, |intent| {
                intent["payment_method"] = method.into();
                intent["status"] = "requires_confirmation".into();
            });
            Ok(book.get(&id).clone())
        }
        None => Ok(book.get(&id).clone()),
    }
}

fn confirmed(book: &mut Book, id: &str, method: &str, off_session: bool) -> Answered<Value> {
    match attempt(book, id, method, off_session, false) {
        Tried::Declined { code, decline_code } => {
            let mut refusal = cards::declined(code, decline_code);
            refusal.error["charge"] = book.get(id)["latest_charge"].clone();
            refusal.error["payment_intent"] = book.get(id).clone();
            refusal.error["payment_method"] = book.get(method).clone();
            Err(refusal)
        }
        _ => Ok(book.get(id).clone()),
    }
}

pub(in super::super) fn confirm_intent(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let intent = book.find("payment_intent", ids[0])?;
    let kept = text(intent, "payment_method");
    if !matches!(intent["status"].as_str(), Some("requires_payment_method" | "requires_confirmation")) {
        return Err(unexpected(intent));
    }
    let method = params.text("payment_method").unwrap_or(&kept).to_owned();
    let method = methods::usable(book, &method)?;
    let off_session = params.text("off_session").is_some_and(|given| given != "false");
    confirmed(book, ids[0], &method, off_session)
}

pub(in super::super) fn cancel_intent(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let intent = book.find("payment_intent", ids[0])?;
    if matches!(intent["status"].as_str(), Some("succeeded" | "canceled")) {
        return Err(unexpected(intent));
    }
    let (now, reason) = (book.now, params.text("cancellation_reason").map(str::to_owned));
    book.change(ids[0], "payment_intent.canceled", |intent| {
        intent["status"] = "canceled".into();
        intent["canceled_at"] = now.into();
        intent["cancellation_reason"] = reason.into();
    });
    Ok(book.get(ids[0]).clone())
}

fn unexpected(intent: &Value) -> Refusal {
    let status = text(intent, "status");
    let message = format!("This PaymentIntent cannot be changed because it has a status of {status}.");
    Refusal::invalid(&message).code("payment_intent_unexpected_state")
}

pub(in super::super) fn update_intent(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("payment_intent", ids[0])?;
    book.set(ids[0], |intent| {
        params.copy_texts(intent, &["description", "receipt_email"]);
        params.merge_metadata(intent);
    });
    Ok(book.get(ids[0]).clone())
}

pub(in super::super) fn get_intent(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("payment_intent", ids[0]).cloned()
}

pub(in super::super) fn list_intents(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let customer = params.text("customer");
    book.page("payment_intent", "/v1/payment_intents", params, |intent| {
        customer.is_none_or(|customer| intent["customer"] == customer)
    })
}

pub(in super::super) fn get_charge(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("charge", ids[0]).cloned()
}

pub(in super::super) fn list_charges(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let by = |object: &Value, key: &str| params.text(key).is_none_or(|wanted| object[key] == wanted);
    book.page("charge", "/v1/charges", params, |charge| by(charge, "payment_intent") && by(charge, "customer"))
}

pub(in super::super) fn create_refund(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let charge = match (params.text("charge"), params.text("payment_intent")) {
        (Some(charge), None) => book.named("charge", charge, "charge")?.clone(),
        (None, Some(intent)) => {
            let charge = text(book.named("payment_intent", intent, "payment_intent")?, "latest_charge");
            book.get(&charge).clone()
        }
        (None, None) => return Err(Refusal::missing("payment_intent")),
        _ => return Err(Refusal::invalid("You may only pass one of these parameters: charge, payment_intent.")),
    };
    let id = text(&charge, "id");
    if charge["paid"] != true {
        return Err(Refusal::invalid("This payment has no successful charge to refund.").param("payment_intent"));
    }
    if charge["disputed"] == true {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(Refusal::invalid(&message).code("charge_disputed"));
    }
    let left = int(&charge, "amount") - int(&charge, "amount_refunded");
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(Refusal::invalid(&message).code("charge_already_refunded"));
    }
    let amount = params.int("amount")?.unwrap_or(left);
    if amount < 1 {
        return Err(Refusal::invalid("Invalid positive integer").code("parameter_invalid_integer").param("amount"));
    }
    if amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(Refusal::invalid(&message).param("amount"));
    }
    let reason = params.word("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let fields = json!({
        "amount": amount,
        "balance_transaction": format!("txn_{}", book.new_id("re")),
        "charge": id,
        "currency": charge["currency"],
        "destination_details": { "type": "card", "card": { "type": "refund" } },
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    });
    let mut refund = make("refund", fields);
    params.merge_metadata(&mut refund);
    let refund = book.create("re", refund, "refund.created");
    let made = book.get(&refund).clone();
    book.change(&id, "charge.refunded", |charge| {
        let total = int(charge, "amount_refunded") + amount;
        charge["amount_refunded"] = total.into();
        charge["refunded"] = (total == int(charge, "amount")).into();
        if let Some(data) = charge["refunds"]["data"].as_array_mut() {
            data.insert(0, made.clone());
        }
    });
    Ok(made)
}

pub(in super::super) fn get_refund(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("refund", ids[0]).cloned()
}

pub(in super::super) fn list_refunds(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let by = |object: &Value, key: &str| params.text(key).is_none_or(|wanted| object[key] == wanted);
    book.page("refund", "/v1/refunds", params, |refund| by(refund, "charge") && by(refund, "payment_intent"))
}

pub(in super::super) fn get_dispute(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("dispute", ids[0]).cloned()
}

pub(in super::super) fn list_disputes(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let by = |object: &Value, key: &str| params.text(key).is_none_or(|wanted| object[key] == wanted);
    book.page("dispute", "/v1/disputes", params, |dispute| by(dispute, "charge") && by(dispute, "payment_intent"))
}

/// Accepting a dispute: it is lost.
pub(in super::super) fn close_dispute(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("dispute", ids[0])?;
    decide(book, ids[0], false);
    Ok(book.get(ids[0]).clone())
}
