//! Stripe's requests: forms whose keys spell a tree, `items[0][price]=price_1`.

use serde_json::{Map, Value};

use super::refusal::{Answered, Refusal};

/// The parameters of a request, or of a part of one.
#[derive(Clone, Debug)]
pub(super) struct Params(pub Value);

impl Params {
    pub fn parse(text: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap_or_default();
        let mut root = Map::new();
        for (key, value) in pairs {
            let path: Vec<&str> = key.split('[').map(|part| part.trim_end_matches(']')).collect();
            insert(&mut root, &path, value);
        }
        Self(listed(Value::Object(root)))
    }

    /// The first key that is not among `known`, names with a space between.
    pub fn unknown(&self, known: &str) -> Option<&str> {
        let keys = self.0.as_object()?.keys();
        keys.map(String::as_str).find(|key| *key != "expand" && !known.split(' ').any(|known| known == *key))
    }

    /// What is at a path with dots; null when nothing is.
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.0, |value, key| match key.parse::<usize>() {
            Ok(index) => &value[index],
            Err(_) => &value[key],
        })
    }

    /// Given, if only to be cleared.
    pub fn has(&self, path: &str) -> bool {
        !self.at(path).is_null()
    }

    /// Text; `None` when it is left out or empty, which clears.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path).as_str().filter(|text| !text.is_empty())
    }

    pub fn need(&self, path: &str) -> Answered<&str> {
        self.text(path).ok_or_else(|| Refusal::missing(path))
    }

    pub fn int(&self, path: &str) -> Answered<Option<i64>> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                Refusal::invalid(&format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(path)
            })
        };
        self.text(path).map(parse).transpose()
    }

    pub fn flag(&self, path: &str) -> Answered<Option<bool>> {
        let parse =
            |text: &str| text.parse().map_err(|_| Refusal::invalid(&format!("Invalid boolean: {text}")).param(path));
        self.text(path).map(parse).transpose()
    }

    /// One of a few words.
    pub fn word<'a>(&'a self, path: &str, words: &[&str]) -> Answered<Option<&'a str>> {
        let Some(text) = self.text(path) else { return Ok(None) };
        if words.contains(&text) {
            return Ok(Some(text));
        }
        let message = format!("Invalid {path}: must be one of {}", words.join(", "));
        Err(Refusal::invalid(&message).param(path))
    }

    pub fn list(&self, path: &str) -> Vec<Self> {
        self.at(path).as_array().into_iter().flatten().cloned().map(Self).collect()
    }

    pub fn texts(&self, path: &str) -> Vec<&str> {
        self.at(path).as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Sets text fields of `object` that were given; empty ones become null.
    pub fn copy_texts(&self, object: &mut Value, names: &[&str]) {
        for name in names.iter().filter(|name| self.has(name)) {
            object[*name] = self.text(name).into();
        }
    }

    /// Merges metadata as Stripe does: given keys are set, empty ones removed, an empty string removes all.
    pub fn merge_metadata(&self, object: &mut Value) {
        match self.at("metadata") {
            Value::Object(entries) => {
                for (key, value) in entries {
                    match value.as_str() {
                        Some("") => _ = object["metadata"].as_object_mut().map(|map| map.remove(key)),
                        _ => object["metadata"][key] = value.clone(),
                    }
                }
            }
            Value::String(_) => object["metadata"] = Value::Object(Map::new()),
            _ => {}
        }
    }
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: String) {
    let Some((head, rest)) = path.split_first() else { return };
    let key = if head.is_empty() { map.len().to_string() } else { (*head).to_owned() };
    if rest.is_empty() {
        map.insert(key, Value::String(value));
        return;
    }
    let below = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(below) = below {
        insert(below, rest, value);
    }
}

/// Objects whose keys are all numbers are lists.
fn listed(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let number = |key: &String| key.parse::<usize>().is_ok();
    if !map.is_empty() && map.keys().all(number) {
        return map.into_iter().map(|(_, value)| listed(value)).collect();
    }
    map.into_iter().map(|(key, value)| (key, listed(value))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_a_tree() {
        let form = "a=1&items[0][price]=p%20x&items[1][price]=q&metadata[k]=v&expand[]=x&expand[]=y.z&pause=";
        let params = Params::parse(form);
        let tree = json!({
            "a": "1", "items": [{ "price": "p x" }, { "price": "q" }], "metadata": { "k": "v" },
            "expand": ["x", "y.z"], "pause": "",
        });
        assert_eq!(params.0, tree);
        assert_eq!(params.text("items.1.price"), Some("q"));
        assert!(params.has("pause") && params.text("pause").is_none());
        assert_eq!(params.unknown("a items pause"), Some("metadata"));
        assert!(Params::parse("a=x").int("a").is_err());
    }
}
