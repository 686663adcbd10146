//! Customers, their balances, and the portal's sessions.

use serde_json::{Value, json};

use super::{
    book::{Book, int},
    form::Params,
    refusal::{Answered, Refusal},
    shape::make,
};

pub(super) fn create(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    if let Some(email) = params.text("email").filter(|email| !email.contains('@')) {
        let message = format!("Invalid email address: {email}");
        return Err(Refusal::invalid(&message).code("email_invalid").param("email"));
    }
    let fields = json!({
        "balance": params.int("balance")?.unwrap_or(0),
        "currency": null,
        "invoice_prefix": format!("INV{:05}", book.ids("customer", |_| true).len() + 1),
        "next_invoice_sequence": 1,
        "tax_exempt": "none",
    });
    let mut customer = make("customer", fields);
    params.copy_texts(&mut customer, &["email", "name", "phone", "description"]);
    params.merge_metadata(&mut customer);
    let id = book.create("cus", customer, "customer.created");
    defaults(book, &id, params)
}

fn defaults(book: &mut Book, id: &str, params: &Params) -> Answered<Value> {
    if let Some(method) = params.text("payment_method") {
        super::methods::attach(book, &[method], &Params(json!({ "customer": id })))?;
    }
    if let Some(method) = params.text("invoice_settings.default_payment_method") {
        let method = super::methods::usable(book, method)?;
        if book.get(&method)["customer"].is_null() {
            super::payments::keep(book, &method, id);
        }
        book.change(id, "customer.updated", |customer| {
            customer["invoice_settings"]["default_payment_method"] = method.into();
        });
    }
    Ok(book.get(id).clone())
}

pub(super) fn update(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("customer", ids[0])?;
    let balance = params.int("balance")?;
    book.change(ids[0], "customer.updated", |customer| {
        params.copy_texts(customer, &["email", "name", "phone", "description"]);
        params.merge_metadata(customer);
        if let Some(balance) = balance {
            customer["balance"] = balance.into();
        }
    });
    defaults(book, ids[0], params)
}

pub(super) fn get(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    let customer = book.get(ids[0]);
    if customer["deleted"] == true { Ok(customer.clone()) } else { book.find("customer", ids[0]).cloned() }
}

pub(super) fn list(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let email = params.text("email");
    book.page("customer", "/v1/customers", params, |customer| email.is_none_or(|email| customer["email"] == email))
}

/// Deleting a customer ends what they have, and lets their methods go.
pub(super) fn delete(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("customer", ids[0])?;
    for subscription in book
        .ids("subscription", |subscription| subscription["customer"] == ids[0] && subscription["ended_at"].is_null())
    {
        super::subscriptions::end(book, &subscription, "canceled", "cancellation_requested");
    }
    for method in book.ids("payment_method", |method| method["customer"] == ids[0]) {
        book.change(&method, "payment_method.detached", |method| method["customer"] = Value::Null);
    }
    let customer = book.get(ids[0]).clone();
    let gone = json!({ "id": ids[0], "object": "customer", "deleted": true });
    book.set(ids[0], |customer| *customer = gone.clone());
    book.emit("customer.deleted", &customer);
    Ok(gone)
}

/// Moves a customer's balance; below zero is credit.
pub(super) fn adjust(
    book: &mut Book,
    customer: &str,
    amount: i64,
    kind: &str,
    invoice: Value,
    params: &Params,
) -> String {
    let before = book.get(customer).clone();
    let ending = int(&before, "balance") + amount;
    let fields = json!({
        "amount": amount,
        "currency": params.text("currency").map_or_else(|| before["currency"].clone(), Value::from),
        "customer": customer,
        "description": params.text("description"),
        "ending_balance": ending,
        "invoice": invoice,
        "type": kind,
    });
    let mut transaction = make("customer_balance_transaction", fields);
    params.merge_metadata(&mut transaction);
    let id = book.add("cbtxn", transaction);
    book.change(customer, "customer.updated", |customer| customer["balance"] = ending.into());
    id
}

pub(super) fn create_balance(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("customer", ids[0])?;
    let amount = params.int("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    params.need("currency")?;
    let id = adjust(book, ids[0], amount, "adjustment", Value::Null, params);
    Ok(book.get(&id).clone())
}

pub(super) fn list_balance(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("customer", ids[0])?;
    let url = format!("/v1/customers/{}/balance_transactions", ids[0]);
    book.page("customer_balance_transaction", &url, params, |transaction| transaction["customer"] == ids[0])
}

pub(super) fn create_portal(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let customer = params.need("customer")?;
    book.named("customer", customer, "customer")?;
    let id = book.new_id("bps");
    let flow = match params.word(
        "flow_data.type",
        &["payment_method_update", "subscription_cancel", "subscription_update", "subscription_update_confirm"],
    )? {
        None => Value::Null,
        Some(kind) => json!({
            "type": kind,
            "after_completion": { "type": params.text("flow_data.after_completion.type").unwrap_or("portal_homepage"),
                "redirect": params.at("flow_data.after_completion.redirect"), "hosted_confirmation": null },
            "subscription_cancel": null, "subscription_update": null, "subscription_update_confirm": null,
        }),
    };
    let fields = json!({
        "id": id,
        "configuration": "bpc_default",
        "customer": customer,
        "flow": flow,
        "return_url": params.text("return_url"),
        "url": format!("{}/p/session/{id}", book.pages),
    });
    let id = book.add("bps", make("billing_portal.session", fields));
    Ok(book.get(&id).clone())
}
