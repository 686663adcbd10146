//! The account itself, its balance and its events.

use serde_json::{Value, json};

use super::{book::Book, form::Params, refusal::Answered, shape::make};

pub(super) fn account(book: &mut Book, _: &[&str], _: &Params) -> Answered<Value> {
    let fields = json!({
        "id": "acct_fake",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": true,
        "email": "owner@example.com",
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": "Fake", "timezone": "Etc/UTC" } },
        "type": "standard",
        "_live": book.live,
    });
    Ok(make("account", fields))
}

/// What the charges of this mode have brought, and refunds have taken.
pub(super) fn balance(book: &mut Book, _: &[&str], _: &Params) -> Answered<Value> {
    let mut sums: Vec<(String, i64)> = Vec::new();
    for charge in book.all("charge").filter(|charge| charge["paid"] == true) {
        let (currency, amount) = (super::book::text(charge, "currency"), super::book::int(charge, "amount"));
        let amount = amount - super::book::int(charge, "amount_refunded");
        match sums.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((currency, amount)),
        }
    }
    if sums.is_empty() {
        sums.push(("usd".into(), 0));
    }
    let list = |sums: &[(String, i64)]| -> Value {
        let entry = |(currency, amount): &(String, i64)| json!({ "amount": amount, "currency": currency, "source_types": { "card": amount } });
        sums.iter().map(entry).collect()
    };
    let none: Vec<_> = sums.iter().map(|(currency, _)| (currency.clone(), 0)).collect();
    let fields = json!({ "available": list(&sums), "livemode": book.live, "pending": list(&none) });
    Ok(make("balance", fields))
}

pub(super) fn get_event(book: &mut Book, ids: &[&str], _: &Params) -> Answered<Value> {
    book.find("event", ids[0]).cloned()
}

pub(super) fn list_events(book: &mut Book, _: &[&str], params: &Params) -> Answered<Value> {
    let (kind, kinds) = (params.text("type"), params.texts("types"));
    book.page("event", "/v1/events", params, |event| {
        let name = event["type"].as_str().unwrap_or_default();
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(head) => name.starts_with(head),
            None => name == pattern,
        };
        kind.is_none_or(fits) && (kinds.is_empty() || kinds.iter().any(|kind| fits(kind)))
    })
}
