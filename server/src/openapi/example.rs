//! Examples made from schemas.

use serde_json::{Map, Value, json};

use super::schema::resolve;

/// A value that fits the schema: its own example where it has one.
pub fn of(document: &Value, schema: &Value) -> Value {
    value(document, schema, "", 0)
}

/// The fields that a request needs, and those that have an example of their own.
pub fn request(document: &Value, schema: &Value) -> Value {
    let real = resolve(document, schema);
    let Some(properties) = real["properties"].as_object() else { return of(document, schema) };
    let required = real["required"].as_array();
    let wanted = properties.iter().filter(|(name, property)| {
        required.is_some_and(|all| all.iter().any(|one| one == name.as_str())) || has_example(property)
    });
    let body: Map<_, _> = wanted.map(|(name, property)| (name.clone(), value(document, property, name, 1))).collect();
    if body.is_empty() && !properties.is_empty() {
        let first = properties.iter().next();
        return first.map(|(name, property)| json!({ name: value(document, property, name, 1) })).unwrap_or_default();
    }
    Value::Object(body)
}

fn has_example(property: &Value) -> bool {
    !property["example"].is_null()
}

const ID: &str = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f";

fn value(document: &Value, schema: &Value, name: &str, depth: usize) -> Value {
    if has_example(schema) {
        return schema["example"].clone();
    }
    let real = resolve(document, schema);
    if has_example(real) {
        return real["example"].clone();
    }
    let nullable = real["type"].as_array().is_some_and(|all| all.iter().any(|one| one == "null"));
    let kind = match &real["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).find(|one| *one != "null").unwrap_or_default(),
        one => one.as_str().unwrap_or("object"),
    };
    match (kind, real["format"].as_str()) {
        ("string", Some("uuid")) if !nullable => json!(ID),
        ("string", Some("date-time")) if !nullable => json!("2026-11-21T10:00:00Z"),
        ("string", Some("email")) => json!("user@example.com"),
        _ if nullable => Value::Null,
        ("string", _) => json!(text(name)),
        ("boolean", _) => json!(name != "archived" && name != "disabled"),
        ("integer" | "number", _) => json!(0),
        ("array", _) if depth < 4 => json!([value(document, &real["items"], "", depth + 1)]),
        ("object", _) if depth < 5 => {
            let properties = real["properties"].as_object().into_iter().flatten();
            Value::Object(properties.map(|(k, v)| (k.clone(), value(document, v, k, depth + 1))).collect())
        }
        _ => json!({}),
    }
}

fn text(name: &str) -> &'static str {
    match name {
        "email" => "user@example.com",
        "name" | "displayName" => "Acme",
        "clientId" | "client_id" => "acme-web",
        "clientSecret" | "client_secret" => "sec_…",
        "type" => "confidential",
        "status" => "active",
        "role" => "user",
        "planSelection" => "first_sign_in",
        "defaultLocale" => "en",
        "onEnd" | "paymentProvider" => "none",
        "idTokenAlg" => "RS256",
        "" => "https://app.example/callback",
        _ => "…",
    }
}
