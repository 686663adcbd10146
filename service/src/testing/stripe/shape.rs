//! What Stripe's objects look like: every field of Stripe's own examples, empty until the fake fills it in, and the
//! differences between versions of the API.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// The version whose shapes the fake keeps.
pub(super) const LATEST: &str = "2026-09-30.endive";
/// From here on periods belong to items, and invoices name their payments and parents another way.
const ITEMS_HAVE_PERIODS: &str = "2025-03-31";

static RESOURCES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("fixtures/resources.json")).expect("Stripe's examples"));

/// Objects that are always there, with empty fields.
const KEPT: &[&str] = &[
    "address",
    "automatic_payment_methods",
    "automatic_tax",
    "billing_details",
    "cancellation_details",
    "checks",
    "custom_text",
    "evidence",
    "evidence_details",
    "invoice_settings",
    "payment_settings",
    "phone_number_collection",
    "request",
    "status_transitions",
    "total_details",
];

/// An object of Stripe's example of `kind`, every field of it there and empty, then `fields`.
pub(super) fn make(kind: &str, fields: Value) -> Value {
    let mut object = neutral_object(&RESOURCES[kind]);
    let (Some(object_fields), Value::Object(fields)) = (object.as_object_mut(), fields) else { return object };
    object_fields.extend(fields);
    object
}

/// The names of the fields of Stripe's example.
#[cfg(test)]
pub(super) fn fields(kind: &str) -> impl Iterator<Item = &'static String> {
    RESOURCES[kind].as_object().into_iter().flatten().map(|(name, _)| name)
}

fn neutral_object(example: &Value) -> Value {
    example.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), neutral(key, value))).collect()
}

fn neutral(key: &str, value: &Value) -> Value {
    match value {
        _ if key == "object" => value.clone(),
        Value::Bool(_) => false.into(),
        Value::Array(_) => json!([]),
        Value::Object(_) if key == "metadata" => json!({}),
        Value::Object(_) if key == "payment_method_options" => json!({}),
        Value::Object(list) if list.get("object") == Some(&"list".into()) => self::list("", []),
        Value::Object(_) if KEPT.contains(&key) => neutral_object(value),
        _ => Value::Null,
    }
}

/// A list as it stands inside an object.
pub(super) fn list(url: &str, data: impl IntoIterator<Item = Value>) -> Value {
    json!({ "object": "list", "data": data.into_iter().collect::<Vec<_>>(), "has_more": false, "url": url })
}

/// The value as the version of the API that was asked for shows it, without the fake's own notes (`_…`).
pub(super) fn dress(value: &Value, version: &str) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| dress(value, version)).collect(),
        Value::Object(fields) => {
            let shown = fields.iter().filter(|(key, _)| !key.starts_with('_'));
            let mut object: Value = shown.map(|(key, value)| (key.clone(), dress(value, version))).collect();
            if version < ITEMS_HAVE_PERIODS {
                age(&mut object, fields);
            }
            object
        }
        _ => value.clone(),
    }
}

/// Before March 2025 the period stood on the subscription, and an invoice named its subscription and its payment.
fn age(object: &mut Value, fields: &Map<String, Value>) {
    match fields.get("object").and_then(Value::as_str) {
        Some("subscription") => {
            for key in ["current_period_start", "current_period_end"] {
                object[key] = fields["items"]["data"][0][key].clone();
                for item in
                    object["items"]["data"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
                {
                    item.remove(key);
                }
            }
        }
        Some("invoice") => {
            object["subscription"] = fields["parent"]["subscription_details"]["subscription"].clone();
            object["payment_intent"] = fields.get("_intent").cloned().unwrap_or_default();
            object["paid"] = (fields["status"] == "paid").into();
            if let Some(fields) = object.as_object_mut() {
                fields.remove("parent");
                fields.remove("payments");
            }
        }
        _ => {}
    }
}
