//! Subscriptions: their periods, trials, changes and ends.

pub(super) mod requests;

use serde_json::{Value, json};

use super::{
    AfterRetries,
    book::{Book, int, text},
    calendar::{period_end, share},
    invoices::{self, Draft, Line},
    payments::Tried,
    shape::{list, make},
};

const UPDATED: &str = "customer.subscription.updated";
/// How long the first payment may take.
const INCOMPLETE: i64 = 23 * 3600;
/// How long before its end a trial is announced.
const NOTICE: i64 = 3 * 86_400;

/// What a new subscription is made of.
#[derive(Default)]
pub(super) struct New {
    pub customer: String,
    /// Price and quantity.
    pub items: Vec<(String, i64)>,
    pub trial_end: Option<i64>,
    pub metadata: Value,
    pub description: Value,
    pub method: Option<String>,
    pub coupon: Option<String>,
    pub missing_method: Option<String>,
    pub cancel_at_period_end: bool,
    /// An intent that has paid the first invoice already.
    pub paid_by: Option<String>,
}

/// Starts a subscription and makes its first invoice. `Declined` leaves it incomplete.
pub(super) fn start(book: &mut Book, new: New) -> (String, Tried) {
    let (now, id) = (book.now, book.new_id("sub"));
    let first = book.get(&new.items[0].0).clone();
    let (anchor, end) = match new.trial_end {
        Some(end) => (end, end),
        None => (now, period_end(now, now, &first["recurring"])),
    };
    let items: Vec<_> = new.items.iter().map(|(price, quantity)| item(book, &id, price, *quantity, now, end)).collect();
    if let Some(coupon) = &new.coupon {
        book.set(coupon, |coupon| coupon["times_redeemed"] = (int(coupon, "times_redeemed") + 1).into());
    }
    let discount = new.coupon.as_ref().map(|coupon| discount(book, &id, &new.customer, coupon));
    book.set(&new.customer, |customer| {
        if customer["currency"].is_null() {
            customer["currency"] = first["currency"].clone();
        }
    });
    let billing_mode = if book.rules.classic {
        json!({ "type": "classic", "flexible": null })
    } else {
        json!({ "type": "flexible", "flexible": { "proration_discounts": "included" } })
    };
    let fields = json!({
        "id": id,
        "billing_cycle_anchor": anchor,
        "billing_mode": billing_mode,
        "cancel_at_period_end": new.cancel_at_period_end,
        "cancel_at": if new.cancel_at_period_end { json!(end) } else { Value::Null },
        "collection_method": "charge_automatically",
        "currency": first["currency"],
        "customer": new.customer,
        "default_payment_method": new.method,
        "description": new.description,
        "discounts": discount.as_slice(),
        "items": list(&format!("/v1/subscription_items?subscription={id}"), items),
        "metadata": if new.metadata.is_object() { new.metadata } else { json!({}) },
        "start_date": now,
        "status": if new.trial_end.is_some() { "trialing" } else { "incomplete" },
        "trial_end": new.trial_end,
        "trial_start": new.trial_end.map(|_| now),
        "trial_settings": { "end_behavior": {
            "missing_payment_method": new.missing_method.unwrap_or_else(|| "create_invoice".into()) } },
    });
    book.create("sub", make("subscription", fields), "customer.subscription.created");
    let invoice = bill(book, &id, "subscription_create", new.trial_end.is_some());
    if let Some(intent) = &new.paid_by {
        invoices::link(book, &invoice, intent);
    }
    invoices::finalize(book, &invoice);
    let tried = match (&new.paid_by, book.get(&invoice)["status"] == "paid") {
        (_, true) => Tried::Paid,
        (Some(_), false) => {
            invoices::paid(book, &invoice);
            Tried::Paid
        }
        (None, false) => invoices::collect(book, &invoice, None),
    };
    (id, tried)
}

fn item(book: &Book, subscription: &str, price: &str, quantity: i64, start: i64, end: i64) -> Value {
    make(
        "subscription_item",
        json!({
            "id": format!("si_{}_{price}", subscription.trim_start_matches("sub_")),
            "created": book.now,
            "current_period_start": start,
            "current_period_end": end,
            "plan": null,
            "price": book.get(price),
            "quantity": quantity,
            "subscription": subscription,
        }),
    )
}

fn discount(book: &mut Book, subscription: &str, customer: &str, coupon: &str) -> String {
    let months = book.get(coupon)["duration_in_months"].as_i64();
    let end =
        months.map(|months| period_end(book.now, book.now, &json!({ "interval": "month", "interval_count": months })));
    let fields = json!({
        "customer": customer,
        "end": end,
        "source": { "coupon": coupon, "type": "coupon" },
        "start": book.now,
        "subscription": subscription,
    });
    book.create("di", make("discount", fields), "customer.discount.created")
}

/// What a coupon takes off an amount.
pub(super) fn off(coupon: &Value, subtotal: i64) -> i64 {
    match (coupon["percent_off"].as_f64(), coupon["amount_off"].as_i64()) {
        (Some(percent), _) => share(subtotal, (percent * 100.0).round() as i64, 10_000),
        (None, Some(amount)) => amount.min(subtotal),
        _ => 0,
    }
}

fn lines(book: &Book, subscription: &Value, free: bool) -> Vec<Line> {
    let items = subscription["items"]["data"].as_array().into_iter().flatten();
    items
        .map(|item| {
            let full = int(&item["price"], "unit_amount") * int(item, "quantity");
            let product = text(book.get(&text(&item["price"], "product")), "name");
            Line {
                amount: if free { 0 } else { full },
                description: if free { format!("Trial period for {product}") } else { format!("1 × {product}") },
                start: int(item, "current_period_start"),
                end: int(item, "current_period_end"),
                price: item["price"]["id"].clone(),
                proration: false,
            }
        })
        .collect()
}

/// A draft for the period that runs now.
fn bill(book: &mut Book, id: &str, reason: &'static str, free: bool) -> String {
    let subscription = book.get(id).clone();
    let lines = lines(book, &subscription, free);
    let subtotal: i64 = lines.iter().map(|line| line.amount).sum();
    let found = subscription["discounts"].as_array().into_iter().flatten().find_map(Value::as_str);
    let running = found
        .map(|id| book.get(id).clone())
        .filter(|discount| discount["end"].as_i64().is_none_or(|end| book.now < end));
    let coupon = running.as_ref().map(|discount| book.get(&text(&discount["source"], "coupon")).clone());
    let discount = coupon.as_ref().map_or(0, |coupon| off(coupon, subtotal));
    if found.is_some()
        && (running.is_none() || coupon.is_some_and(|coupon| coupon["duration"] == "once" && subtotal > 0))
    {
        book.set(id, |subscription| subscription["discounts"] = json!([]));
    }
    let first = &subscription["items"]["data"][0];
    let period = (int(first, "current_period_start"), int(first, "current_period_end"));
    let draft = Draft {
        customer: text(&subscription, "customer"),
        subscription: id.into(),
        currency: text(&subscription, "currency"),
        reason,
        lines,
        discount,
        period,
    };
    invoices::draft(book, draft)
}

/// The method that a subscription is charged on: its own, else its customer's.
pub(super) fn method(book: &Book, id: &str) -> Option<String> {
    let subscription = book.get(id);
    let own = subscription["default_payment_method"].as_str();
    let customers =
        || book.get(subscription["customer"].as_str()?)["invoice_settings"]["default_payment_method"].as_str();
    own.or_else(customers).map(str::to_owned)
}

pub(super) fn invoice_paid(book: &mut Book, id: &str) {
    let status = text(book.get(id), "status");
    if matches!(status.as_str(), "incomplete" | "past_due" | "unpaid") {
        book.change(id, UPDATED, |subscription| subscription["status"] = "active".into());
    }
}

pub(super) fn invoice_failed(book: &mut Book, id: &str, given_up: bool) {
    let status = text(book.get(id), "status");
    if !matches!(status.as_str(), "active" | "trialing" | "past_due") {
        return;
    }
    book.change(id, UPDATED, |subscription| subscription["status"] = "past_due".into());
    match book.rules.after_retries {
        AfterRetries::Cancel if given_up => end(book, id, "canceled", "payment_failed"),
        AfterRetries::Unpaid if given_up => {
            book.change(id, UPDATED, |subscription| subscription["status"] = "unpaid".into());
        }
        _ => {}
    }
}

/// Ends a subscription for good.
pub(super) fn end(book: &mut Book, id: &str, status: &str, reason: &str) {
    let now = book.now;
    for invoice in book.ids("invoice", |invoice| {
        invoice["_subscription"] == id && matches!(invoice["status"].as_str(), Some("draft" | "open"))
    }) {
        book.set(&invoice, |invoice| {
            invoice["auto_advance"] = false.into();
            invoice["next_payment_attempt"] = Value::Null;
        });
    }
    book.set(id, |subscription| {
        subscription["status"] = status.into();
        subscription["ended_at"] = now.into();
        if subscription["canceled_at"].is_null() {
            subscription["canceled_at"] = now.into();
        }
        subscription["cancellation_details"]["reason"] = reason.into();
    });
    book.emit("customer.subscription.deleted", &book.get(id).clone());
}

/// The customer cancels in the portal. In flexible billing mode that sets a date, which stays where it is when the
/// period's end moves.
pub(super) fn cancel_in_portal(book: &mut Book, id: &str) {
    let now = book.now;
    book.change(id, UPDATED, |subscription| {
        let is_flexible = subscription["billing_mode"]["type"] == "flexible";
        let ends = period(subscription).1;
        cancel_later(subscription, now, !is_flexible, Some(ends));
    });
}

/// Sets when it ends, or that it does not; `at_end` where that is with its period, wherever its end moves.
fn cancel_later(subscription: &mut Value, now: i64, at_end: bool, ends: Option<i64>) {
    subscription["cancel_at_period_end"] = at_end.into();
    subscription["cancel_at"] = ends.into();
    subscription["canceled_at"] = ends.map(|_| now).into();
    subscription["cancellation_details"]["reason"] = ends.map(|_| "cancellation_requested").into();
}

fn period(subscription: &Value) -> (i64, i64) {
    let first = &subscription["items"]["data"][0];
    (int(first, "current_period_start"), int(first, "current_period_end"))
}

/// The moment at which a subscription does something by itself.
pub(super) fn due_at(subscription: &Value) -> Option<i64> {
    match subscription["status"].as_str()? {
        "incomplete" => Some(int(subscription, "created") + INCOMPLETE),
        "trialing" | "active" | "past_due" | "unpaid" => {
            let notice = (subscription["status"] == "trialing" && subscription["_noticed"] != true)
                .then(|| int(subscription, "trial_end") - NOTICE);
            let resumes = subscription["pause_collection"]["resumes_at"].as_i64();
            let cancel = subscription["cancel_at"].as_i64();
            [Some(period(subscription).1), notice, resumes, cancel].into_iter().flatten().min()
        }
        _ => None,
    }
}

/// Does what is due.
pub(super) fn advance(book: &mut Book, id: &str) {
    let subscription = book.get(id).clone();
    let (now, (_, period_ends)) = (book.now, period(&subscription));
    let reached = |at: Option<i64>| at.is_some_and(|at| at <= now);
    let trialing = subscription["status"] == "trialing";
    if subscription["status"] == "incomplete" {
        let invoice = text(&subscription, "latest_invoice");
        invoices::void(book, &invoice, "void", "invoice.voided");
        book.change(id, UPDATED, |subscription| {
            subscription["status"] = "incomplete_expired".into();
            subscription["ended_at"] = now.into();
        });
    } else if reached(subscription["cancel_at"].as_i64()) {
        end(book, id, "canceled", "cancellation_requested");
    } else if reached(subscription["pause_collection"]["resumes_at"].as_i64()) {
        book.change(id, UPDATED, |subscription| subscription["pause_collection"] = Value::Null);
    } else if trialing && subscription["_noticed"] != true && period_ends > now {
        book.set(id, |subscription| subscription["_noticed"] = true.into());
        book.emit("customer.subscription.trial_will_end", &book.get(id).clone());
    } else if period_ends <= now {
        renew(book, id, trialing);
    }
}

fn renew(book: &mut Book, id: &str, trialing: bool) {
    if trialing && method(book, id).is_none() {
        match book.get(id)["trial_settings"]["end_behavior"]["missing_payment_method"].as_str() {
            Some("cancel") => return end(book, id, "canceled", "cancellation_requested"),
            Some("pause") => {
                book.set(id, |subscription| subscription["status"] = "paused".into());
                return book.emit("customer.subscription.paused", &book.get(id).clone());
            }
            _ => {}
        }
    }
    let start = period(book.get(id)).1;
    let paused = text(&book.get(id)["pause_collection"], "behavior");
    let unpaid = book.get(id)["status"] == "unpaid";
    book.change(id, UPDATED, |subscription| {
        run(subscription, start);
        if trialing {
            subscription["status"] = "active".into();
        }
    });
    let invoice = bill(book, id, "subscription_cycle", false);
    let finalizes = start + book.rules.draft_seconds;
    match paused.as_str() {
        "void" => invoices::void(book, &invoice, "void", "invoice.voided"),
        "mark_uncollectible" => {
            invoices::void(book, &invoice, "uncollectible", "invoice.marked_uncollectible");
        }
        "keep_as_draft" => book.set(&invoice, |invoice| invoice["auto_advance"] = false.into()),
        _ if unpaid => book.set(&invoice, |invoice| invoice["auto_advance"] = false.into()),
        _ => book.set(&invoice, |invoice| invoice["_finalizes_at"] = finalizes.into()),
    }
}

/// The next period begins at `start`.
fn run(subscription: &mut Value, start: i64) {
    let anchor = int(subscription, "billing_cycle_anchor");
    for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
        item["current_period_start"] = start.into();
        item["current_period_end"] = period_end(anchor, start, &item["price"]["recurring"]).into();
    }
}
