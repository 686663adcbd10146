//! Reading JSON Schema for people: names of types, and fields as a flat list.

use serde_json::Value;

/// One field of an object; nested ones carry their path (`prices[].amount`).
pub struct Field {
    pub path: String,
    pub kind: String,
    pub required: bool,
    pub text: String,
}

/// Follows a reference, and takes the one real alternative of a nullable one.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|text| text.strip_prefix("#/components/schemas/")) {
        return resolve(document, &document["components"]["schemas"][name]);
    }
    let alternatives = schema["oneOf"].as_array();
    match alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        Some(real) => resolve(document, real),
        None => schema,
    }
}

/// The name of a type, such as `string (uuid)`, `integer`, `array of string`.
pub fn kind(document: &Value, schema: &Value) -> String {
    let nullable = schema["oneOf"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == "null"));
    let real = resolve(document, schema);
    let names: Vec<&str> = match &real["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => vec!["object"],
    };
    let base = names.iter().copied().find(|name| *name != "null").unwrap_or("any");
    let mut text = match (base, real["format"].as_str()) {
        ("array", _) => format!("array of {}", kind(document, &real["items"])),
        ("string", Some(format)) => format!("string ({format})"),
        (base, _) => base.to_owned(),
    };
    if nullable || names.contains(&"null") {
        text.push_str(" or null");
    }
    text
}

/// The fields of an object, nested ones after their parent.
pub fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut out = Vec::new();
    collect(document, schema, "", 0, &mut out);
    out
}

const DEEPEST: usize = 4;

fn collect(document: &Value, schema: &Value, prefix: &str, depth: usize, out: &mut Vec<Field>) {
    let schema = resolve(document, schema);
    let Some(properties) = schema["properties"].as_object().filter(|_| depth < DEEPEST) else { return };
    let required = schema["required"].as_array();
    for (name, property) in properties {
        let path = format!("{prefix}{name}");
        let own = property["description"].as_str();
        out.push(Field {
            kind: kind(document, property),
            required: required.is_some_and(|all| all.iter().any(|one| one == name)),
            text: with_limits(own.unwrap_or_default(), resolve(document, property)),
            path: path.clone(),
        });
        let real = resolve(document, property);
        if real["items"].is_object() {
            collect(document, &real["items"], &format!("{path}[]."), depth + 1, out);
        } else {
            collect(document, real, &format!("{path}."), depth + 1, out);
        }
    }
}

fn with_limits(text: &str, schema: &Value) -> String {
    let number = |name: &str| schema[name].as_i64();
    let mut parts = vec![text.to_owned()];
    match (number("minLength"), number("maxLength")) {
        (Some(min), Some(max)) => parts.push(format!("{min} to {max} characters.")),
        (None, Some(max)) => parts.push(format!("At most {max} characters.")),
        _ => {}
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        parts.push(format!("`{pattern}`"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}
