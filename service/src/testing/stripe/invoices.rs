//! Invoices: made when a period begins, finalised, charged, tried again, given up.

use serde_json::{Value, json};

use super::{
    book::{Book, int, text},
    customers,
    form::Params,
    payments::{self, Tried, Wanted},
    refusal::{Answered, Refusal},
    shape::{list, make},
    subscriptions,
};

/// A line before it has an invoice.
pub(super) struct Line {
    pub amount: i64,
    pub description: String,
    pub start: i64,
    pub end: i64,
    pub price: Value,
    pub proration: bool,
}

/// What an invoice is made of.
pub(super) struct Draft {
    pub customer: String,
    pub subscription: String,
    pub currency: String,
    /// `subscription_create`, `subscription_cycle`, `subscription_update`.
    pub reason: &'static str,
    pub lines: Vec<Line>,
    pub discount: i64,
    pub period: (i64, i64),
}

/// A new draft; pending prorations of the subscription join it.
pub(super) fn draft(book: &mut Book, draft: Draft) -> String {
    let id = book.new_id("in");
    let mut lines = draft.lines;
    for pending in book.ids("invoiceitem", |item| {
        item["invoice"].is_null() && item["parent"]["subscription_details"]["subscription"] == draft.subscription
    }) {
        let item = book.get(&pending).clone();
        lines.push(Line {
            amount: int(&item, "amount"),
            description: text(&item, "description"),
            start: int(&item["period"], "start"),
            end: int(&item["period"], "end"),
            price: item["pricing"]["price_details"]["price"].clone(),
            proration: true,
        });
        book.set(&pending, |item| item["invoice"] = id.as_str().into());
    }
    let subtotal: i64 = lines.iter().map(|line| line.amount).sum();
    let discount = draft.discount.min(subtotal.max(0));
    let total = subtotal - discount;
    let metadata = book.get(&draft.subscription)["metadata"].clone();
    let data: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let details = json!({
                "invoice_item": null, "proration": line.proration, "proration_details": { "credited_items": null },
                "subscription": draft.subscription, "subscription_item": null,
            });
            make("line_item", json!({
                "id": format!("il_{id}_{index}"),
                "amount": line.amount,
                "currency": draft.currency,
                "description": line.description,
                "discountable": !line.proration,
                "invoice": id,
                "livemode": book.live,
                "metadata": metadata,
                "parent": { "type": "subscription_item_details", "invoice_item_details": null,
                    "subscription_item_details": details },
                "period": { "start": line.start, "end": line.end },
                "pricing": { "type": "price_details", "unit_amount_decimal": null,
                    "price_details": { "price": line.price, "product": book.get(&text_of(&line.price))["product"] } },
                "quantity": 1,
                "subtotal": line.amount,
            }))
        })
        .collect();
    let customer = book.get(&draft.customer);
    let fields = json!({
        "id": id,
        "account_country": "US",
        "amount_due": total.max(0),
        "amount_paid": 0,
        "amount_remaining": total.max(0),
        "amount_shipping": 0,
        "amount_overpaid": 0,
        "attempt_count": 0,
        "auto_advance": true,
        "billing_reason": draft.reason,
        "collection_method": "charge_automatically",
        "currency": draft.currency,
        "customer": draft.customer,
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": "none",
        "issuer": { "type": "self" },
        "lines": list(&format!("/v1/invoices/{id}/lines"), data),
        "parent": { "type": "subscription_details", "quote_details": null,
            "subscription_details": { "metadata": metadata, "subscription": draft.subscription } },
        "period_start": draft.period.0,
        "period_end": draft.period.1,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": customer["balance"],
        "status": "draft",
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_discount_amounts": if discount > 0 { json!([{ "amount": discount, "discount": null }]) } else { json!([]) },
        "total_excluding_tax": total,
        "payments": list(&format!("/v1/invoice_payments?invoice={id}"), []),
        "_subscription": draft.subscription,
    });
    book.create("in", make("invoice", fields), "invoice.created");
    book.set(&draft.subscription, |subscription| subscription["latest_invoice"] = id.as_str().into());
    id
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Numbers an invoice, settles the customer's balance against it, and opens its payment. Nothing to pay is paid.
pub(super) fn finalize(book: &mut Book, id: &str) {
    let invoice = book.get(id).clone();
    let customer = text(&invoice, "customer");
    let balance = int(book.get(&customer), "balance");
    let total = int(&invoice, "total");
    // Credit pays first; a credit note of an invoice below zero goes the other way.
    let used = if total < 0 { -total } else { (-balance).clamp(0, total) };
    let due = if total < 0 { 0 } else { total - used };
    if used != 0 {
        let moved = if total < 0 { total } else { used };
        customers::adjust(book, &customer, moved, "applied_to_invoice", id.into(), &Params(json!({})));
    }
    let sequence = int(book.get(&customer), "next_invoice_sequence");
    let number = format!("{}-{sequence:04}", text(book.get(&customer), "invoice_prefix"));
    book.set(&customer, |customer| customer["next_invoice_sequence"] = (sequence + 1).into());
    let (now, ending) = (book.now, int(book.get(&customer), "balance"));
    let page = format!("https://invoice.stripe.com/i/{id}");
    book.change(id, "invoice.finalized", |invoice| {
        invoice["status"] = "open".into();
        invoice["number"] = number.into();
        invoice["effective_at"] = now.into();
        invoice["status_transitions"]["finalized_at"] = now.into();
        invoice["starting_balance"] = balance.into();
        invoice["ending_balance"] = ending.into();
        invoice["amount_due"] = due.into();
        invoice["amount_remaining"] = due.into();
        invoice["hosted_invoice_url"] = page.as_str().into();
        invoice["invoice_pdf"] = format!("{page}/pdf").into();
    });
    if due == 0 {
        paid(book, id);
    } else if book.get(id)["_intent"].is_null() {
        let wanted = Wanted {
            amount: due,
            currency: text(&invoice, "currency"),
            customer: customer.into(),
            description: format!("Payment for Invoice {id}").into(),
            setup_future_usage: "off_session".into(),
            invoice: id.into(),
            ..Wanted::default()
        };
        let intent = payments::open(book, wanted);
        link(book, id, &intent);
    }
}

/// The invoice is paid by this intent.
pub(super) fn link(book: &mut Book, invoice: &str, intent: &str) {
    let due = int(book.get(invoice), "amount_due");
    let fields = json!({
        "amount_requested": due,
        "currency": book.get(invoice)["currency"],
        "invoice": invoice,
        "is_default": true,
        "payment": { "type": "payment_intent", "payment_intent": intent },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    });
    let payment = book.add("inpay", make("invoice_payment", fields));
    book.set(intent, |intent| intent["_invoice"] = invoice.into());
    book.set(invoice, |invoice| {
        invoice["_intent"] = intent.into();
        invoice["_payment"] = payment.into();
    });
    show_payment(book, invoice);
}

fn show_payment(book: &mut Book, invoice: &str) {
    let payment = book.get(&text(book.get(invoice), "_payment")).clone();
    if !payment.is_null() {
        book.set(invoice, |invoice| invoice["payments"]["data"] = json!([payment]));
    }
}

/// The money of an invoice is there.
pub(super) fn paid(book: &mut Book, id: &str) {
    let now = book.now;
    let due = int(book.get(id), "amount_due");
    let payment = text(book.get(id), "_payment");
    book.set(&payment, |payment| {
        payment["status"] = "paid".into();
        payment["amount_paid"] = due.into();
        payment["status_transitions"]["paid_at"] = now.into();
    });
    show_payment(book, id);
    book.change(id, "invoice.paid", |invoice| {
        invoice["status"] = "paid".into();
        invoice["attempted"] = true.into();
        invoice["attempt_count"] = (int(invoice, "attempt_count") + i64::from(due > 0)).into();
        invoice["amount_paid"] = due.into();
        invoice["amount_remaining"] = 0.into();
        invoice["auto_advance"] = false.into();
        invoice["next_payment_attempt"] = Value::Null;
        invoice["status_transitions"]["paid_at"] = now.into();
    });
    book.emit("invoice.payment_succeeded", &book.get(id).clone());
    subscriptions::invoice_paid(book, &text(book.get(id), "_subscription"));
}

/// Tries to collect an open invoice.
pub(super) fn collect(book: &mut Book, id: &str, method: Option<String>) -> Tried {
    let intent = text(book.get(id), "_intent");
    let method = method.or_else(|| subscriptions::method(book, &text(book.get(id), "_subscription")));
    let tried = match method {
        Some(method) => payments::attempt(book, &intent, &method, true, false),
        None => Tried::Declined { code: "payment_method_missing", decline_code: None },
    };
    if tried == Tried::Paid {
        paid(book, id);
        return tried;
    }
    let attempts = int(book.get(id), "attempt_count") as usize;
    let next = book.rules.retries.get(attempts).map(|days| book.now + days * 86_400);
    book.change(id, "invoice.payment_failed", |invoice| {
        invoice["attempted"] = true.into();
        invoice["attempt_count"] = (attempts + 1).into();
        invoice["next_payment_attempt"] = next.into();
    });
    subscriptions::invoice_failed(book, &text(book.get(id), "_subscription"), next.is_none());
    tried
}

/// The moment at which an invoice does something by itself, and it does it when asked.
pub(super) fn due_at(invoice: &Value) -> Option<i64> {
    match invoice["status"].as_str() {
        Some("draft") if invoice["auto_advance"] == true => invoice["_finalizes_at"].as_i64(),
        Some("open") => invoice["next_payment_attempt"].as_i64(),
        _ => None,
    }
}

pub(super) fn advance(book: &mut Book, id: &str) {
    if book.get(id)["status"] == "draft" {
        finalize(book, id);
        if book.get(id)["status"] != "open" {
            return;
        }
    }
    collect(book, id, None);
}

pub(super) fn void(book: &mut Book, id: &str, status: &str, event: &str) {
    let now = book.now;
    let intent = text(book.get(id), "_intent");
    if matches!(book.get(&intent)["status"].as_str(), Some("requires_payment_method" | "requires_action")) {
        book.change(&intent, "payment_intent.canceled", |intent| intent["status"] = "canceled".into());
    }
    book.change(id, event, |invoice| {
        invoice["status"] = status.into();
        invoice["next_payment_attempt"] = Value::Null;
        invoice["auto_advance"] = false.into();
        let transition = if status == "void" { "voided_at" } else { "marked_uncollectible_at" };
        invoice["status_transitions"][transition] = now.into();
    });
}

pub(super) fn get(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("invoice", ids[0]).cloned()
}

pub(super) fn list_all(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let by = |invoice: &Value, key: &str| params.text(key).is_none_or(|wanted| invoice[key] == wanted);
    let subscription = params.text("subscription");
    book.page("invoice", "/v1/invoices", params, |invoice| {
        by(invoice, "customer")
            && by(invoice, "status")
            && subscription.is_none_or(|subscription| invoice["_subscription"] == subscription)
    })
}

fn with_status(book: &Book, id: &str, statuses: &[&str]) -> Answered<()> {
    let invoice = book.find("invoice", id)?;
    if statuses.iter().any(|status| invoice["status"] == *status) {
        return Ok(());
    }
    let message = format!("This invoice is {} and cannot be changed this way.", text(invoice, "status"));
    Err(Refusal::invalid(&message).code("invoice_not_editable"))
}

pub(super) fn pay(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    if book.find("invoice", ids[0])?["status"] == "paid" {
        return Err(Refusal::invalid("Invoice is already paid").code("invoice_already_paid"));
    }
    with_status(book, ids[0], &["draft", "open", "uncollectible"])?;
    if book.get(ids[0])["status"] == "draft" {
        finalize(book, ids[0]);
    }
    if params.flag("paid_out_of_band")? == Some(true) {
        paid(book, ids[0]);
    } else if book.get(ids[0])["status"] != "paid" {
        let method = params.text("payment_method").map(|id| super::methods::usable(book, id)).transpose()?;
        if let Tried::Declined { code, decline_code } = collect(book, ids[0], method) {
            return Err(super::cards::declined(code, decline_code));
        }
    }
    Ok(book.get(ids[0]).clone())
}

pub(super) fn finalize_now(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    with_status(book, ids[0], &["draft"])?;
    finalize(book, ids[0]);
    Ok(book.get(ids[0]).clone())
}

pub(super) fn void_now(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    with_status(book, ids[0], &["open", "uncollectible"])?;
    void(book, ids[0], "void", "invoice.voided");
    Ok(book.get(ids[0]).clone())
}

pub(super) fn give_up(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    with_status(book, ids[0], &["open"])?;
    void(book, ids[0], "uncollectible", "invoice.marked_uncollectible");
    Ok(book.get(ids[0]).clone())
}

pub(super) fn get_payment(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("invoice_payment", ids[0]).cloned()
}

pub(super) fn list_payments(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let intent = params.text("payment.payment_intent");
    let by = |payment: &Value, key: &str| params.text(key).is_none_or(|wanted| payment[key] == wanted);
    book.page("invoice_payment", "/v1/invoice_payments", params, |payment| {
        by(payment, "invoice")
            && by(payment, "status")
            && intent.is_none_or(|intent| payment["payment"]["payment_intent"] == intent)
    })
}
