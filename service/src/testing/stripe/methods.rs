//! Payment methods and setup intents: cards that are kept.

use serde_json::{Value, json};

use super::{
    book::{Book, text},
    cards::{self, Verdict},
    form::Params,
    payments,
    refusal::{Answered, Refusal},
    shape::make,
};

/// A new card, nobody's yet.
pub(super) fn card(book: &mut Book, number: &str) -> String {
    let card = json!({
        "brand": cards::of(number).0,
        "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
        "country": "US",
        "display_brand": cards::of(number).0,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": format!("fp{number}"),
        "funding": "credit",
        "generated_from": null,
        "last4": number.get(number.len().saturating_sub(4)..).unwrap_or_default(),
        "networks": { "available": [cards::of(number).0], "preferred": null },
        "regulated_status": null,
        "three_d_secure_usage": { "supported": true },
        "wallet": null,
    });
    let fields = json!({ "allow_redisplay": "unspecified", "card": card, "type": "card", "_number": number });
    book.add("pm", make("payment_method", fields))
}

/// A bank account that money is sent from, later.
pub(super) fn bank(book: &mut Book) -> String {
    let details = json!({ "bank_type": "us", "hosted_instructions_url": null });
    let fields = json!({ "allow_redisplay": "unspecified", "type": "customer_balance", "customer_balance": details });
    book.add("pm", make("payment_method", fields))
}

/// The id of a method, made on the spot from a ready-made name such as `pm_card_visa`.
pub(super) fn usable(book: &mut Book, id: &str) -> Answered<String> {
    match cards::number_of(id).filter(|_| !book.live) {
        Some(number) => Ok(card(book, number)),
        None => book.named("payment_method", id, "payment_method").map(|_| id.to_owned()),
    }
}

pub(super) fn create_method(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    params.word("type", &["card"])?.ok_or_else(|| Refusal::missing("type"))?;
    let number = match params.text("card.token") {
        Some("tok_visa") => "4242424242424242".to_owned(),
        Some("tok_chargeDeclined") => "4000000000000002".to_owned(),
        Some("tok_chargeCustomerFail") => "4000000000000341".to_owned(),
        Some(token) => return Err(Refusal::absent("token", token)),
        None => params.need("card.number")?.replace(' ', ""),
    };
    let id = card(book, &number);
    book.set(&id, |method| params.merge_metadata(method));
    Ok(book.get(&id).clone())
}

pub(super) fn get_method(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("payment_method", ids[0]).cloned()
}

pub(super) fn get_of_customer(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("customer", ids[0])?;
    let method = book.find("payment_method", ids[1])?;
    if method["customer"] == ids[0] { Ok(method.clone()) } else { Err(Refusal::absent("payment_method", ids[1])) }
}

pub(super) fn attach(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let customer = params.need("customer")?;
    book.named("customer", customer, "customer")?;
    let id = usable(book, ids[0])?;
    if let Verdict::Declined { code, decline_code } = cards::keep(&text(book.get(&id), "_number"), true) {
        return Err(cards::declined(code, decline_code));
    }
    payments::keep(book, &id, customer);
    Ok(book.get(&id).clone())
}

pub(super) fn detach(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    if book.find("payment_method", ids[0])?["customer"].is_null() {
        let message = "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(Refusal::invalid(message));
    }
    book.change(ids[0], "payment_method.detached", |method| method["customer"] = Value::Null);
    for kind in ["customer", "subscription"] {
        let field = |object: &mut Value| match kind {
            "customer" => object["invoice_settings"]["default_payment_method"].take(),
            _ => object["default_payment_method"].take(),
        };
        for id in book.ids(kind, |object| field(&mut object.clone()) == ids[0]) {
            book.change(
                &id,
                &format!("customer.{}updated", if kind == "customer" { "" } else { "subscription." }),
                |o| {
                    field(o);
                },
            );
        }
    }
    Ok(book.get(ids[0]).clone())
}

pub(super) fn list_methods(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let customer = match ids.first() {
        Some(customer) => Some(text(book.find("customer", customer)?, "id")),
        None => params.text("customer").map(str::to_owned),
    };
    let kind = params.text("type");
    book.page("payment_method", "/v1/payment_methods", params, |method| {
        !method["customer"].is_null()
            && customer.as_deref().is_none_or(|customer| method["customer"] == customer)
            && kind.is_none_or(|kind| method["type"] == kind)
    })
}

/// A new setup intent.
pub(super) fn setup(book: &mut Book, customer: Value, metadata: Value, description: Value) -> String {
    let id = book.new_id("seti");
    let fields = json!({
        "id": id,
        "client_secret": format!("{id}_secret_fake"),
        "customer": customer,
        "description": description,
        "metadata": if metadata.is_object() { metadata } else { json!({}) },
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    });
    book.create("seti", make("setup_intent", fields), "setup_intent.created")
}

/// Tries to keep a method for later charges.
pub(super) fn set_up(book: &mut Book, setup: &str, method: &str, authenticated: bool) -> payments::Tried {
    match cards::keep(&text(book.get(method), "_number"), authenticated) {
        Verdict::Authenticate => {
            book.change(setup, "setup_intent.requires_action", |setup| {
                setup["status"] = "requires_action".into();
                setup["payment_method"] = method.into();
                setup["next_action"] = json!({ "type": "redirect_to_url" });
            });
            payments::Tried::Authenticate
        }
        Verdict::Declined { code, decline_code } => {
            let error = cards::declined(code, decline_code).error;
            book.change(setup, "setup_intent.setup_failed", |setup| {
                setup["status"] = "requires_payment_method".into();
                setup["last_setup_error"] = error;
            });
            payments::Tried::Declined { code, decline_code }
        }
        Verdict::Approved { .. } => {
            let customer = text(book.get(setup), "customer");
            if !customer.is_empty() {
                payments::keep(book, method, &customer);
            }
            book.change(setup, "setup_intent.succeeded", |setup| {
                setup["status"] = "succeeded".into();
                setup["payment_method"] = method.into();
                setup["next_action"] = Value::Null;
            });
            payments::Tried::Paid
        }
    }
}

pub(super) fn create_setup(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    if let Some(customer) = params.text("customer") {
        book.named("customer", customer, "customer")?;
    }
    let method = params.text("payment_method").map(|id| usable(book, id)).transpose()?;
    let description = params.text("description").into();
    let id = setup(book, params.text("customer").into(), params.at("metadata").clone(), description);
    if let Some(method) = method.filter(|_| params.text("confirm") == Some("true"))
        && let payments::Tried::Declined { code, decline_code } = set_up(book, &id, &method, false)
    {
        return Err(cards::declined(code, decline_code));
    }
    Ok(book.get(&id).clone())
}

pub(super) fn get_setup(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("setup_intent", ids[0]).cloned()
}
