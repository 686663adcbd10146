//! Products, prices and coupons.

use serde_json::{Value, json};

use super::{
    book::{Book, text},
    form::Params,
    refusal::{Answered, Refusal},
    shape::make,
};

pub(super) fn create_product(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let mut product = json!({
        "active": params.flag("active")?.unwrap_or(true),
        "name": params.need("name")?,
        "type": "service",
        "updated": book.now,
    });
    if let Some(id) = params.text("id") {
        fresh(book, "product", id)?;
        product["id"] = id.into();
    }
    let mut product = make("product", product);
    params.copy_texts(&mut product, &["description", "unit_label", "url", "statement_descriptor"]);
    params.merge_metadata(&mut product);
    let id = book.create("prod", product, "product.created");
    Ok(book.get(&id).clone())
}

pub(super) fn update_product(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("product", ids[0])?;
    let (active, now) = (params.flag("active")?, book.now);
    if let Some(price) = params.text("default_price") {
        book.named("price", price, "default_price")?;
    }
    book.change(ids[0], "product.updated", |product| {
        params.copy_texts(product, &["name", "description", "unit_label", "url", "default_price"]);
        params.merge_metadata(product);
        if let Some(active) = active {
            product["active"] = active.into();
        }
        product["updated"] = now.into();
    });
    Ok(book.get(ids[0]).clone())
}

pub(super) fn get_product(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("product", ids[0]).cloned()
}

pub(super) fn list_products(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let (active, ids) = (params.flag("active")?, params.texts("ids"));
    book.page("product", "/v1/products", params, |product| {
        active.is_none_or(|active| product["active"] == active)
            && (ids.is_empty() || ids.iter().any(|id| product["id"] == **id))
    })
}

pub(super) fn delete_product(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("product", ids[0])?;
    if book.all("price").any(|price| price["product"] == ids[0]) {
        let message = "This product cannot be deleted because it has one or more user-created prices.";
        return Err(Refusal::invalid(message));
    }
    let product = book.remove(ids[0]);
    book.emit("product.deleted", &product);
    Ok(json!({ "id": ids[0], "object": "product", "deleted": true }))
}

/// A price as `price_data` or the parameters of a new price describe it.
pub(super) fn price(book: &mut Book, params: &Params) -> Answered<Value> {
    let currency = params.need("currency")?.to_lowercase();
    if currency.len() != 3 {
        return Err(Refusal::invalid(&format!("Invalid currency: {currency}.")).param("currency"));
    }
    let amount = match (params.int("unit_amount")?, params.text("unit_amount_decimal")) {
        (Some(amount), None) if amount >= 0 => amount,
        (None, Some(decimal)) => decimal.parse().map_err(|_| {
            Refusal::invalid("Invalid decimal: only whole minor units here.").param("unit_amount_decimal")
        })?,
        (Some(_), None) => return Err(Refusal::invalid("Invalid non-negative integer").param("unit_amount")),
        _ => return Err(Refusal::missing("unit_amount")),
    };
    let recurring = match params.word("recurring.interval", &["day", "week", "month", "year"])? {
        None if params.has("recurring") => return Err(Refusal::missing("recurring[interval]")),
        None => Value::Null,
        Some(interval) => json!({
            "interval": interval,
            "interval_count": params.int("recurring.interval_count")?.unwrap_or(1),
            "meter": null,
            "trial_period_days": params.int("recurring.trial_period_days")?,
            "usage_type": "licensed",
        }),
    };
    let product = match params.text("product") {
        Some(product) => text(book.named("product", product, "product")?, "id"),
        None if params.has("product_data") => {
            text(&create_product(book, &[], &Params(params.at("product_data").clone()))?, "id")
        }
        None => return Err(Refusal::missing("product")),
    };
    let kind = if recurring.is_null() { "one_time" } else { "recurring" };
    let fields = json!({
        "active": params.flag("active")?.unwrap_or(true),
        "billing_scheme": "per_unit",
        "currency": currency,
        "product": product,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "type": kind,
        "unit_amount": amount,
        "unit_amount_decimal": amount.to_string(),
    });
    let mut price = make("price", fields);
    params.copy_texts(&mut price, &["nickname", "lookup_key"]);
    params.merge_metadata(&mut price);
    Ok(price)
}

pub(super) fn create_price(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    if let Some(key) = params.text("lookup_key") {
        for id in book.ids("price", |price| price["lookup_key"] == key) {
            if params.flag("transfer_lookup_key")? != Some(true) {
                let message = format!("A price (`{id}`) already uses that lookup key.");
                return Err(Refusal::invalid(&message).param("lookup_key"));
            }
            book.change(&id, "price.updated", |price| price["lookup_key"] = Value::Null);
        }
    }
    let price = price(book, params)?;
    let id = book.create("price", price, "price.created");
    Ok(book.get(&id).clone())
}

pub(super) fn update_price(book: &mut Book, ids: &[&str], params: &Params) -> Answered<Value> {
    book.find("price", ids[0])?;
    let active = params.flag("active")?;
    book.change(ids[0], "price.updated", |price| {
        params.copy_texts(price, &["nickname", "lookup_key"]);
        params.merge_metadata(price);
        if let Some(active) = active {
            price["active"] = active.into();
        }
    });
    Ok(book.get(ids[0]).clone())
}

pub(super) fn get_price(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("price", ids[0]).cloned()
}

pub(super) fn list_prices(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let (active, keys) = (params.flag("active")?, params.texts("lookup_keys"));
    let by = |price: &Value, key: &str| params.text(key).is_none_or(|wanted| price[key] == wanted);
    book.page("price", "/v1/prices", params, |price| {
        active.is_none_or(|active| price["active"] == active)
            && by(price, "product")
            && by(price, "type")
            && by(price, "currency")
            && (keys.is_empty() || keys.iter().any(|key| price["lookup_key"] == **key))
    })
}

pub(super) fn create_coupon(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let duration = params.word("duration", &["forever", "once", "repeating"])?.unwrap_or("once");
    let months = params.int("duration_in_months")?;
    if (duration == "repeating") != months.is_some() {
        let message = "duration_in_months is required for the duration repeating, and only for it.";
        return Err(Refusal::invalid(message).param("duration_in_months"));
    }
    let percent: Option<f64> = params.text("percent_off").and_then(|text| text.parse().ok());
    let amount = params.int("amount_off")?;
    match (percent, amount) {
        (Some(percent), None) if percent > 0.0 && percent <= 100.0 => {}
        (None, Some(amount)) if amount > 0 => _ = params.need("currency")?,
        _ => return Err(Refusal::invalid("You must pass either percent_off or amount_off.")),
    }
    let fields = json!({
        "amount_off": amount,
        "currency": amount.and(params.text("currency")),
        "duration": duration,
        "duration_in_months": months,
        "max_redemptions": params.int("max_redemptions")?,
        "name": params.text("name"),
        "percent_off": percent,
        "redeem_by": params.int("redeem_by")?,
        "times_redeemed": 0,
        "valid": true,
    });
    let mut coupon = make("coupon", fields);
    if let Some(products) = params.at("applies_to.products").as_array() {
        coupon["_applies_to"] = json!({ "products": products });
    }
    if let Some(id) = params.text("id") {
        fresh(book, "coupon", id)?;
        coupon["id"] = id.into();
    }
    params.merge_metadata(&mut coupon);
    let id = book.create("cpn", coupon, "coupon.created");
    Ok(book.get(&id).clone())
}

/// A coupon that can still be redeemed.
pub(super) fn redeemable(book: &Book, id: &str) -> Answered<Value> {
    let coupon = book.named("coupon", id, "discounts[0][coupon]")?;
    let late = coupon["redeem_by"].as_i64().is_some_and(|until| until < book.now);
    let used =
        coupon["max_redemptions"].as_i64().is_some_and(|most| super::book::int(coupon, "times_redeemed") >= most);
    if late || used {
        let message = format!("Coupon {id} is used up or has expired.");
        return Err(Refusal::invalid(&message).code("coupon_expired").param("discounts[0][coupon]"));
    }
    Ok(coupon.clone())
}

pub(super) fn get_coupon(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("coupon", ids[0]).cloned()
}

pub(super) fn list_coupons(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    book.page("coupon", "/v1/coupons", params, |_| true)
}

pub(super) fn delete_coupon(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("coupon", ids[0])?;
    let coupon = book.remove(ids[0]);
    book.emit("coupon.deleted", &coupon);
    Ok(json!({ "id": ids[0], "object": "coupon", "deleted": true }))
}

fn fresh(book: &Book, kind: &str, id: &str) -> Answered<()> {
    if book.get(id).is_null() {
        return Ok(());
    }
    let words = kind[..1].to_uppercase() + &kind[1..];
    Err(Refusal::invalid(&format!("{words} already exists.")).code("resource_already_exists").param("id"))
}
