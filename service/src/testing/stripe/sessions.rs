//! Checkout Sessions: Stripe's own page for one purchase.

use serde_json::{Value, json};

use super::{
    book::{Book, int, text},
    catalog,
    form::Params,
    methods,
    payments::{self, Tried, Wanted},
    refusal::{Answered, Refusal},
    shape::{list, make},
    subscriptions::{self, New},
};

/// Sessions live for a day at most, half an hour at least.
const LIFE: i64 = 24 * 3600;
const SHORTEST: i64 = 30 * 60;
/// A trial that Checkout starts lasts two days at least.
const SHORTEST_TRIAL: i64 = 48 * 3600;

pub(super) fn create(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let mode = params.word("mode", &["payment", "setup", "subscription"])?.ok_or_else(|| Refusal::missing("mode"))?;
    if params.text("ui_mode").is_none_or(|mode| mode == "hosted") {
        params.need("success_url")?;
    }
    let customer = params.text("customer").map(|id| book.named("customer", id, "customer").cloned()).transpose()?;
    if customer.is_some() && params.has("customer_email") {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Refusal::invalid(message));
    }
    let misplaced = [
        ("subscription_data", "subscription"),
        ("payment_intent_data", "payment"),
        ("setup_intent_data", "setup"),
        ("invoice_creation", "payment"),
        ("payment_method_collection", "subscription"),
    ];
    if let Some((name, only)) = misplaced.iter().find(|(name, only)| params.has(name) && mode != *only) {
        return Err(
            Refusal::invalid(&format!("You can not pass `{name}` in `{mode}` mode, only in `{only}`.")).param(name)
        );
    }
    let items = items(book, params)?;
    let recurring = items.iter().filter(|item| item["price"]["type"] == "recurring").count();
    match mode {
        "setup" if !items.is_empty() => {
            return Err(Refusal::invalid("You can not pass `line_items` in `setup` mode.").param("line_items"));
        }
        "setup" if params.text("currency").is_none() && !params.has("payment_method_types") => {
            return Err(Refusal::missing("currency"));
        }
        "payment" | "subscription" if items.is_empty() => return Err(Refusal::missing("line_items")),
        "payment" if recurring > 0 => {
            let message = "You specified `payment` mode but passed a recurring price. Either switch to `subscription` \
                           mode or use only one-time prices.";
            return Err(Refusal::invalid(message));
        }
        "subscription" if recurring == 0 => {
            return Err(Refusal::invalid("You must provide at least one recurring price in `subscription` mode."));
        }
        _ => {}
    }
    let trial_end = match params.int("subscription_data.trial_end")? {
        Some(end) if end < book.now + SHORTEST_TRIAL => {
            let message = "The `trial_end` date has to be at least 2 days in the future.";
            return Err(Refusal::invalid(message).param("subscription_data[trial_end]"));
        }
        Some(end) => Some(end),
        None => params.int("subscription_data.trial_period_days")?.map(|days| book.now + days * 86_400),
    };
    let expires_at = params.int("expires_at")?.unwrap_or(book.now + LIFE);
    if !(book.now + SHORTEST - 5..=book.now + LIFE).contains(&expires_at) {
        let message =
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.";
        return Err(Refusal::invalid(message).param("expires_at"));
    }
    let discounts = params.list("discounts");
    if discounts.len() > 1 || !discounts.is_empty() && params.has("allow_promotion_codes") {
        return Err(Refusal::invalid("You may only pass one discount, and no `allow_promotion_codes` with it."));
    }
    let coupon = discounts
        .first()
        .and_then(|discount| discount.text("coupon"))
        .map(|id| catalog::redeemable(book, id))
        .transpose()?;
    let subtotal: i64 = items.iter().map(|item| int(item, "amount_subtotal")).sum();
    let charged = if mode == "subscription" && trial_end.is_some() {
        let once = items.iter().filter(|item| item["price"]["type"] != "recurring");
        once.map(|item| int(item, "amount_subtotal")).sum()
    } else {
        subtotal
    };
    let off = coupon.as_ref().map_or(0, |coupon| subscriptions::off(coupon, charged));
    let total = charged - off;
    let currency = items.first().map_or_else(|| text_or_null(params, "currency"), |item| item["currency"].clone());
    if mode == "payment" {
        payments::check_amount(total, currency.as_str().unwrap_or_default())?;
    }
    let id = format!("cs_{}_{}", book.mode(), book.new_id("a1").trim_start_matches("a1_"));
    let email =
        customer.as_ref().map_or_else(|| text_or_null(params, "customer_email"), |customer| customer["email"].clone());
    let no_money_yet = mode == "setup" || total == 0;
    let fields = json!({
        "id": id,
        "allow_promotion_codes": params.flag("allow_promotion_codes")?,
        "amount_subtotal": if mode == "setup" { Value::Null } else { charged.into() },
        "amount_total": if mode == "setup" { Value::Null } else { total.into() },
        "cancel_url": params.text("cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "currency": currency,
        "customer": customer.as_ref().map(|customer| customer["id"].clone()),
        "customer_creation": if mode == "payment" {
            json!(params.text("customer_creation").unwrap_or("if_required")) } else { Value::Null },
        "customer_details": email.as_str().map(|email| json!({ "address": null, "business_name": null, "email": email,
            "individual_name": null, "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null })),
        "customer_email": if customer.is_some() { Value::Null } else { email.clone() },
        "discounts": coupon.as_ref().map(|coupon| json!([{ "coupon": coupon["id"], "promotion_code": null }])),
        "expires_at": expires_at,
        "locale": params.text("locale"),
        "mode": mode,
        "payment_intent": null,
        "payment_method_collection": if mode == "subscription" {
            json!(params.text("payment_method_collection").unwrap_or("always")) } else { Value::Null },
        "payment_method_types": if params.has("payment_method_types") {
            params.at("payment_method_types").clone() } else { json!(["card"]) },
        "payment_status": if no_money_yet { "no_payment_required" } else { "unpaid" },
        "shipping_options": [],
        "status": "open",
        "success_url": params.text("success_url"),
        "total_details": { "amount_discount": off, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": params.text("ui_mode").unwrap_or("hosted"),
        "url": format!("{}/c/pay/{id}", book.pages),
        "_coupon": coupon.as_ref().map(|coupon| coupon["id"].clone()),
        "_line_items": list(&format!("/v1/checkout/sessions/{id}/line_items"), items),
        "_params": params.0,
        "_trial_days": params.int("subscription_data.trial_period_days")?,
        "_trial_end": params.int("subscription_data.trial_end")?,
    });
    let mut session = make("checkout.session", fields);
    params.merge_metadata(&mut session);
    let id = book.add("cs", session);
    Ok(book.get(&id).clone())
}

fn text_or_null(params: &Params, path: &str) -> Value {
    params.text(path).into()
}

fn items(book: &mut Book, params: &Params) -> Answered<Vec<Value>> {
    let mut items = Vec::new();
    for (index, item) in params.list("line_items").iter().enumerate() {
        let param = format!("line_items[{index}][price]");
        let price = match item.text("price") {
            Some(price) => book.named("price", price, &param)?.clone(),
            None if item.has("price_data") => {
                let data = Params(item.at("price_data").clone());
                let mut price = catalog::price(book, &data)?;
                price["active"] = false.into();
                let id = book.add("price", price);
                let mut price = book.get(&id).clone();
                price["active"] = true.into();
                price
            }
            None => return Err(Refusal::missing(&param)),
        };
        if price["active"] != true {
            let message = "The price specified is inactive. This field only accepts active prices.";
            return Err(Refusal::invalid(message).param(&param));
        }
        let quantity = item.int("quantity")?.ok_or_else(|| Refusal::missing("line_items[0][quantity]"))?;
        let amount = int(&price, "unit_amount") * quantity;
        items.push(make(
            "item",
            json!({
                "id": format!("li_{}_{index}", text(&price, "id")),
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": price["currency"],
                "description": book.get(&text(&price, "product"))["name"],
                "price": price,
                "quantity": quantity,
            }),
        ));
    }
    Ok(items)
}

pub(super) fn get(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("checkout.session", ids[0]).cloned()
}

pub(super) fn line_items(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("checkout.session", ids[0]).map(|session| session["_line_items"].clone())
}

pub(super) fn list_all(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let by = |session: &Value, key: &str| params.text(key).is_none_or(|wanted| session[key] == wanted);
    book.page("checkout.session", "/v1/checkout/sessions", params, |session| {
        ["customer", "payment_intent", "subscription", "status"].iter().all(|key| by(session, key))
    })
}

pub(super) fn expire_now(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    let session = book.find("checkout.session", ids[0])?;
    if session["status"] != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This one is {}.",
            text(session, "status")
        );
        return Err(Refusal::invalid(&message));
    }
    expire(book, ids[0]);
    Ok(book.get(ids[0]).clone())
}

pub(super) fn due_at(session: &Value) -> Option<i64> {
    (session["status"] == "open").then(|| session["expires_at"].as_i64())?
}

pub(super) fn expire(book: &mut Book, id: &str) {
    book.set(id, |session| {
        session["status"] = "expired".into();
        session["url"] = Value::Null;
    });
    book.emit("checkout.session.expired", &book.get(id).clone());
}

/// The customer of a session, made when it has none.
fn customer(book: &mut Book, id: &str) -> String {
    let session = book.get(id).clone();
    if let Some(customer) = session["customer"].as_str() {
        return customer.to_owned();
    }
    let email = session["customer_details"]["email"].as_str().unwrap_or("customer@example.com").to_owned();
    let made = super::customers::create(book, &[], &Params(json!({ "email": email })));
    let customer = made.map_or_else(|_| String::new(), |made| text(&made, "id"));
    book.set(id, |session| session["customer"] = customer.as_str().into());
    customer
}

fn has_customer(session: &Value) -> bool {
    session["mode"] != "payment" || !session["customer"].is_null() || session["customer_creation"] == "always"
}

/// The customer enters a card, and perhaps proves to be its owner.
pub(super) fn enter(book: &mut Book, id: &str, method: &str, authenticated: bool) -> Tried {
    let session = book.get(id).clone();
    let owner = if has_customer(&session) { json!(customer(book, id)) } else { Value::Null };
    let data = |name: &str| session["_params"][name].clone();
    let total = int(&session, "amount_total");
    let tried = if session["mode"] == "setup" || total == 0 {
        let setup = match session["_setup"].as_str() {
            Some(setup) => setup.to_owned(),
            None => {
                let wanted = data("setup_intent_data");
                methods::setup(book, owner.clone(), wanted["metadata"].clone(), wanted["description"].clone())
            }
        };
        book.set(id, |session| session["_setup"] = setup.as_str().into());
        methods::set_up(book, &setup, method, authenticated)
    } else {
        let intent = intent(book, id, &session, &owner);
        payments::attempt(book, &intent, method, false, authenticated)
    };
    if tried == Tried::Paid {
        complete(book, id, method, true);
    }
    tried
}

fn intent(book: &mut Book, id: &str, session: &Value, owner: &Value) -> String {
    if let Some(intent) = session["_intent"].as_str() {
        return intent.to_owned();
    }
    let subscribes = session["mode"] == "subscription";
    let data = &session["_params"]["payment_intent_data"];
    let keep = if subscribes { "off_session".into() } else { data["setup_future_usage"].clone() };
    let wanted = Wanted {
        amount: int(session, "amount_total"),
        currency: text(session, "currency"),
        customer: owner.clone(),
        description: if subscribes { "Subscription creation".into() } else { data["description"].clone() },
        metadata: data["metadata"].clone(),
        setup_future_usage: keep,
        receipt_email: data["receipt_email"].clone(),
        invoice: Value::Null,
    };
    let intent = payments::open(book, wanted);
    book.set(id, |session| {
        session["_intent"] = intent.as_str().into();
        if !subscribes {
            session["payment_intent"] = intent.as_str().into();
        }
    });
    intent
}

/// The customer will send the money from a bank: the session is complete, and not paid.
pub(super) fn pay_later(book: &mut Book, id: &str) {
    let session = book.get(id).clone();
    let owner = json!(customer(book, id));
    let intent = intent(book, id, &session, &owner);
    let method = methods::bank(book);
    book.change(&intent, "payment_intent.processing", |intent| {
        intent["status"] = "processing".into();
        intent["payment_method"] = method.as_str().into();
    });
    complete(book, id, &method, false);
}

/// The bank's money arrives, or never will.
pub(super) fn arrive(book: &mut Book, id: &str, arrives: bool) {
    let intent = text(book.get(id), "_intent");
    let method = text(book.get(&intent), "payment_method");
    if !arrives {
        book.change(&intent, "payment_intent.payment_failed", |intent| {
            intent["status"] = "requires_payment_method".into()
        });
        return book.emit("checkout.session.async_payment_failed", &book.get(id).clone());
    }
    payments::succeed(book, &intent, &book.get(&method).clone());
    book.set(id, |session| session["payment_status"] = "paid".into());
    book.emit("checkout.session.async_payment_succeeded", &book.get(id).clone());
}

fn complete(book: &mut Book, id: &str, method: &str, paid: bool) {
    let session = book.get(id).clone();
    if session["mode"] == "subscription" {
        let data = &session["_params"]["subscription_data"];
        let items = session["_line_items"]["data"].as_array().into_iter().flatten();
        let recurring = items.filter(|item| item["price"]["type"] == "recurring");
        let new = New {
            customer: customer(book, id),
            items: recurring.map(|item| (text(&item["price"], "id"), int(item, "quantity"))).collect(),
            // Days are counted from the customer's subscribing.
            trial_end: session["_trial_end"]
                .as_i64()
                .or_else(|| session["_trial_days"].as_i64().map(|days| book.now + days * 86_400)),
            metadata: data["metadata"].clone(),
            description: data["description"].clone(),
            method: Some(method.to_owned()),
            coupon: session["_coupon"].as_str().map(str::to_owned),
            missing_method: data["trial_settings"]["end_behavior"]["missing_payment_method"]
                .as_str()
                .map(str::to_owned),
            cancel_at_period_end: false,
            paid_by: session["_intent"].as_str().map(str::to_owned),
        };
        payments::keep(book, method, &new.customer);
        let (subscription, _) = subscriptions::start(book, new);
        let invoice = book.get(&subscription)["latest_invoice"].clone();
        book.set(id, |session| {
            session["subscription"] = subscription.into();
            session["invoice"] = invoice;
        });
    } else if let Some(coupon) = session["_coupon"].as_str() {
        book.set(coupon, |coupon| coupon["times_redeemed"] = (int(coupon, "times_redeemed") + 1).into());
    }
    book.set(id, |session| {
        session["status"] = "complete".into();
        session["url"] = Value::Null;
        if session["mode"] == "setup" {
            session["setup_intent"] = session["_setup"].clone();
        }
        if session["payment_status"] == "unpaid" && paid {
            session["payment_status"] = "paid".into();
        }
    });
    book.emit("checkout.session.completed", &book.get(id).clone());
}
