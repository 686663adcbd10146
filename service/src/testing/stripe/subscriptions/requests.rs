//! What the API asks of subscriptions.

use serde_json::{Value, json};

use super::{
    super::{
        book::{Book, int, text},
        calendar::share,
        cards, catalog,
        form::Params,
        invoices::{self, Draft},
        methods,
        payments::Tried,
        refusal::{Answered, Refusal},
        shape::make,
    },
    New, UPDATED, bill, cancel_later, discount, end, period, run, start,
};

pub(in super::super) fn create(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let customer = params.need("customer")?.to_owned();
    book.named("customer", &customer, "customer")?;
    let mut items = Vec::new();
    for item in params.list("items") {
        items.push((recurring_price(book, &item)?, item.int("quantity")?.unwrap_or(1)));
    }
    if items.is_empty() {
        return Err(Refusal::missing("items"));
    }
    let trial_days = params.int("trial_period_days")?.map(|days| book.now + days * 86_400);
    let coupon = params.text("discounts.0.coupon").map(|id| catalog::redeemable(book, id)).transpose()?;
    let method = params.text("default_payment_method").map(|id| methods::usable(book, id)).transpose()?;
    let behaviors = ["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"];
    let behavior = params.word("payment_behavior", &behaviors)?.unwrap_or("allow_incomplete");
    let new = New {
        customer,
        items,
        trial_end: future(book, params, "trial_end")?.or(trial_days),
        metadata: params.at("metadata").clone(),
        description: params.text("description").into(),
        coupon: coupon.map(|coupon| text(&coupon, "id")),
        missing_method: params.text("trial_settings.end_behavior.missing_payment_method").map(str::to_owned),
        cancel_at_period_end: params.flag("cancel_at_period_end")? == Some(true),
        paid_by: None,
        method,
    };
    let has_method =
        new.method.is_some() || !book.get(&new.customer)["invoice_settings"]["default_payment_method"].is_null();
    if new.trial_end.is_none() && !has_method && behavior != "default_incomplete" {
        let message = "This customer has no attached payment source or default payment method.";
        return Err(Refusal::invalid(message).code("resource_missing"));
    }
    let (id, tried) = start(book, new);
    match tried {
        Tried::Declined { code, decline_code } if behavior == "error_if_incomplete" => {
            book.remove(&id);
            Err(cards::declined(code, decline_code))
        }
        _ => Ok(book.get(&id).clone()),
    }
}

fn recurring_price(book: &mut Book, item: &Params) -> Answered<String> {
    let price = match item.text("price") {
        Some(price) => book.named("price", price, "items[0][price]")?.clone(),
        None if item.has("price_data") => {
            let price = catalog::price(book, &Params(item.at("price_data").clone()))?;
            let id = book.create("price", price, "price.created");
            book.get(&id).clone()
        }
        None => return Err(Refusal::missing("items[0][price]")),
    };
    if price["active"] != true {
        return Err(Refusal::invalid("The price specified is inactive. This field only accepts active prices."));
    }
    if price["type"] != "recurring" {
        let message =
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.";
        return Err(Refusal::invalid(message).param("items[0][price]"));
    }
    Ok(text(&price, "id"))
}

/// A moment that lies ahead, if given; `now` is now.
fn future(book: &Book, params: &Params, path: &str) -> Answered<Option<i64>> {
    if params.text(path) == Some("now") {
        return Ok(Some(book.now));
    }
    match params.int(path)? {
        Some(at) if at <= book.now => {
            let message = "Invalid timestamp: must be an integer Unix timestamp in the future.";
            Err(Refusal::invalid(message).param(path))
        }
        given => Ok(given),
    }
}

pub(in super::super) fn update(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let id = ids[0];
    let before = book.find("subscription", id)?.clone();
    if !before["ended_at"].is_null() && params.unknown("metadata cancellation_details").is_some() {
        let message = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(Refusal::invalid(message));
    }
    let now = book.now;
    let behaviors = ["create_prorations", "none", "always_invoice"];
    let proration = params.word("proration_behavior", &behaviors)?.unwrap_or("create_prorations").to_owned();
    params.word("pause_collection.behavior", &["keep_as_draft", "mark_uncollectible", "void"])?;
    params.word("billing_cycle_anchor", &["now", "unchanged"])?;
    let (at_end, trial_end) = (params.flag("cancel_at_period_end")?, future(book, params, "trial_end")?);
    let cancel_at = future(book, params, "cancel_at")?;
    if at_end.is_some() && params.has("cancel_at") {
        let message = "Received both cancel_at_period_end and cancel_at parameters. Please pass in only one.";
        return Err(Refusal::invalid(message));
    }
    let method = params.text("default_payment_method").map(|id| methods::usable(book, id)).transpose()?;
    let coupon = params.text("discounts.0.coupon").map(|id| catalog::redeemable(book, id)).transpose()?;
    let mut next = before.clone();
    for given in params.list("items") {
        let price = recurring_price(book, &given)?;
        let items = next["items"]["data"].as_array_mut();
        let wanted = given.need("id")?;
        let found = items.into_iter().flatten().find(|item| item["id"] == wanted);
        let item = found.ok_or_else(|| Refusal::absent("subscription_item", wanted).param("items[0][id]"))?;
        if book.get(&price)["currency"] != before["currency"] {
            let message = "The currency of the price must match that of the subscription.";
            return Err(Refusal::invalid(message).param("items[0][price]"));
        }
        item["price"] = book.get(&price).clone();
        item["quantity"] = given.int("quantity")?.unwrap_or_else(|| int(item, "quantity")).into();
    }
    let recurring = |subscription: &Value| subscription["items"]["data"][0]["price"]["recurring"].clone();
    let (old, new) = (recurring(&before), recurring(&next));
    let other_interval = old["interval"] != new["interval"] || old["interval_count"] != new["interval_count"];
    let was_trialing = before["status"] == "trialing";
    let trial = trial_end.filter(|end| *end > now);
    let restarts = trial.is_none()
        && (params.text("trial_end") == Some("now") && was_trialing
            || params.text("billing_cycle_anchor") == Some("now")
            || other_interval && !was_trialing);
    let price_changed = before["items"] != next["items"];
    if proration != "none" && !was_trialing && (price_changed || restarts || trial.is_some()) {
        prorate(book, &before, &next, restarts || trial.is_some());
    }
    if let Some(end) = trial {
        next["status"] = "trialing".into();
        next["_noticed"] = false.into();
        next["trial_start"] = if was_trialing { before["trial_start"].clone() } else { now.into() };
        next["trial_end"] = end.into();
        next["billing_cycle_anchor"] = end.into();
        for item in next["items"]["data"].as_array_mut().into_iter().flatten() {
            item["current_period_end"] = end.into();
            if !was_trialing {
                item["current_period_start"] = now.into();
            }
        }
    } else if restarts {
        next["status"] = if was_trialing { "active".into() } else { before["status"].clone() };
        next["trial_end"] = if was_trialing { now.into() } else { before["trial_end"].clone() };
        next["billing_cycle_anchor"] = now.into();
        run(&mut next, now);
    }
    let (was_at_end, ends) = (before["cancel_at_period_end"] == true, period(&next).1);
    match at_end {
        Some(true) => cancel_later(&mut next, now, true, Some(ends)),
        Some(false) if was_at_end => cancel_later(&mut next, now, false, None),
        None if params.has("cancel_at") => cancel_later(&mut next, now, false, cancel_at),
        None if was_at_end => next["cancel_at"] = ends.into(),
        _ => {}
    }
    if params.has("pause_collection") {
        next["pause_collection"] = match params.text("pause_collection.behavior") {
            Some(behavior) => {
                json!({ "behavior": behavior, "resumes_at": future(book, params, "pause_collection.resumes_at")? })
            }
            None => Value::Null,
        };
    }
    if let Some(method) = method {
        next["default_payment_method"] = method.into();
    }
    if let Some(coupon) = coupon {
        let customer = text(&before, "customer");
        next["discounts"] = json!([discount(book, id, &customer, &text(&coupon, "id"))]);
    } else if params.has("discounts") {
        next["discounts"] = json!([]);
    }
    params.copy_texts(&mut next, &["description"]);
    params.merge_metadata(&mut next);
    book.change(id, UPDATED, |subscription| *subscription = next);
    if restarts || trial.is_some() && !was_trialing || proration == "always_invoice" && price_changed {
        bill_change(book, id, trial.is_some(), restarts);
    }
    Ok(book.get(id).clone())
}

/// What a change costs at once.
fn bill_change(book: &mut Book, id: &str, trial: bool, restarts: bool) {
    let invoice = if restarts || trial {
        bill(book, id, "subscription_update", trial)
    } else {
        let subscription = book.get(id).clone();
        invoices::draft(
            book,
            Draft {
                customer: text(&subscription, "customer"),
                subscription: id.into(),
                currency: text(&subscription, "currency"),
                reason: "subscription_update",
                lines: Vec::new(),
                discount: 0,
                period: (book.now, book.now),
            },
        )
    };
    invoices::finalize(book, &invoice);
    if book.get(&invoice)["status"] == "open" {
        invoices::collect(book, &invoice, None);
    }
}

/// Credit for the rest of the period at the old prices; unless a new period begins, its price at the new ones.
fn prorate(book: &mut Book, before: &Value, next: &Value, credit_only: bool) {
    let (start, end) = period(before);
    let left = (end - book.now).max(0);
    let mut add = |subscription: &Value, sign: i64, words: &str| {
        for item in subscription["items"]["data"].as_array().into_iter().flatten() {
            let full = int(&item["price"], "unit_amount") * int(item, "quantity");
            let name = text(book.get(&text(&item["price"], "product")), "name");
            let fields = json!({
                "amount": sign * share(full, left, end - start),
                "currency": before["currency"],
                "customer": before["customer"],
                "date": book.now,
                "description": format!("{words} {name}"),
                "parent": { "type": "subscription_details",
                    "subscription_details": { "subscription": before["id"], "subscription_item": item["id"] } },
                "period": { "start": book.now, "end": end },
                "pricing": { "type": "price_details", "unit_amount_decimal": null,
                    "price_details": { "price": item["price"]["id"], "product": item["price"]["product"] } },
                "proration": true,
                "quantity": 1,
            });
            book.create("ii", make("invoiceitem", fields), "invoiceitem.created");
        }
    };
    add(before, -1, "Unused time on");
    if !credit_only {
        add(next, 1, "Remaining time on");
    }
}

pub(in super::super) fn cancel(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    let before = book.find("subscription", ids[0])?.clone();
    if !before["ended_at"].is_null() {
        return Err(Refusal::absent("subscription", ids[0]));
    }
    if params.flag("prorate")? == Some(true) {
        prorate(book, &before, &before, true);
    }
    book.set(ids[0], |subscription| {
        for key in ["comment", "feedback"] {
            if let Some(given) = params.text(&format!("cancellation_details.{key}")) {
                subscription["cancellation_details"][key] = given.into();
            }
        }
    });
    end(book, ids[0], "canceled", "cancellation_requested");
    if params.flag("invoice_now")? == Some(true) {
        bill_change(book, ids[0], false, false);
    }
    Ok(book.get(ids[0]).clone())
}

/// Resumes one that paused because no method was there when its trial ended.
pub(in super::super) fn resume(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    if book.find("subscription", ids[0])?["status"] != "paused" {
        return Err(Refusal::invalid("Only paused subscriptions can be resumed."));
    }
    let now = book.now;
    book.set(ids[0], |subscription| {
        subscription["status"] = "active".into();
        subscription["billing_cycle_anchor"] = now.into();
        run(subscription, now);
    });
    book.emit("customer.subscription.resumed", &book.get(ids[0]).clone());
    bill_change(book, ids[0], false, true);
    Ok(book.get(ids[0]).clone())
}

pub(in super::super) fn get(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("subscription", ids[0]).cloned()
}

pub(in super::super) fn list_all(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let (customer, price) = (params.text("customer"), params.text("price"));
    let status = params.text("status");
    book.page("subscription", "/v1/subscriptions", params, |subscription| {
        let wanted = match status {
            None => subscription["status"] != "canceled",
            Some("all") => true,
            Some("ended") => !subscription["ended_at"].is_null(),
            Some(status) => subscription["status"] == status,
        };
        wanted
            && customer.is_none_or(|customer| subscription["customer"] == customer)
            && price.is_none_or(|price| subscription["items"]["data"][0]["price"]["id"] == price)
    })
}
