//! A JSON object as a table of key, type and value: what a form without JavaScript can send, and what people edit
//! more gladly than JSON.

use domain::{FieldError, Flaw, flaw::JsonFlaw, json};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// What a row's value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Boolean,
    #[default]
    Number,
    Text,
    /// Texts with commas between them.
    List,
    /// Anything else, as JSON.
    Json,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Boolean, Self::Number, Self::Text, Self::List, Self::Json];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Text => "text",
            Self::List => "list",
            Self::Json => "json",
        }
    }

    /// The kind of a form's value; one that nobody offered counts as JSON.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Json)
    }
}

/// One row, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub key: String,
    pub kind: Kind,
    pub value: String,
}

impl Row {
    /// A row that nobody filled in counts as none.
    pub fn is_blank(&self) -> bool {
        self.key.trim().is_empty() && self.value.trim().is_empty()
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// When the text is no value of the row's kind.
    pub fn parse(&self) -> Result<Value, Flaw> {
        let text = self.value.trim();
        match self.kind {
            Kind::Boolean => match text {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(Flaw::Boolean),
            },
            Kind::Number => text.parse::<Number>().map(Value::Number).map_err(|_| Flaw::Number),
            Kind::Text => Ok(self.value.clone().into()),
            Kind::List => Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()),
            Kind::Json => json::read(text),
        }
    }
}

/// The rows of an object.
pub fn rows(object: &Map<String, Value>) -> Vec<Row> {
    object.iter().map(|(key, value)| row(key, value)).collect()
}

fn row(key: &str, value: &Value) -> Row {
    let (kind, text) = match value {
        Value::Bool(flag) => (Kind::Boolean, flag.to_string()),
        Value::Number(number) => (Kind::Number, number.to_string()),
        Value::String(text) if !text.contains(['\n', '\r']) => (Kind::Text, text.clone()),
        Value::Array(items) => match plain_list(items) {
            Some(list) => (Kind::List, list),
            None => (Kind::Json, value.to_string()),
        },
        _ => (Kind::Json, value.to_string()),
    };
    Row { key: key.to_owned(), kind, value: text }
}

/// The items with commas between them, where splitting gives the same items again.
fn plain_list(items: &[Value]) -> Option<String> {
    let texts: Vec<_> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
    let plain = |text: &&str| !text.is_empty() && !text.contains([',', '\n', '\r']) && text.trim() == *text;
    texts.iter().all(plain).then(|| texts.join(", "))
}

/// The object that the rows describe.
///
/// # Errors
/// One error for every row at fault, on the field `{field}.{index}`.
pub fn object(rows: &[Row], field: &str) -> Result<Map<String, Value>, Vec<FieldError>> {
    let mut object = Map::new();
    let mut errors = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_blank()) {
        let key = row.key.trim();
        let mut refuse = |flaw: Flaw| errors.push(FieldError::new(&format!("{field}.{index}"), flaw));
        if key.is_empty() {
            refuse(Flaw::Keyless);
            continue;
        }
        if object.contains_key(key) {
            refuse(Flaw::Twice.of(key));
            continue;
        }
        match row.parse() {
            Ok(value) => {
                object.insert(key.to_owned(), value);
            }
            Err(flaw) => refuse(flaw.of(key)),
        }
    }
    if errors.is_empty() { Ok(object) } else { Err(errors) }
}

/// The object that the rows without fault describe.
pub fn readable(rows: &[Row]) -> Map<String, Value> {
    let mut object = Map::new();
    for row in rows.iter().filter(|row| !row.key.trim().is_empty()) {
        if let Ok(value) = row.parse() {
            object.entry(row.key.trim()).or_insert(value);
        }
    }
    object
}

/// Reads a JSON object; an empty text is an empty object.
///
/// # Errors
/// Where the text breaks off being JSON, or that it is something else than an object.
pub fn parse_object(text: &str) -> Result<Map<String, Value>, Flaw> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match json::read(text)? {
        Value::Object(map) => Ok(map),
        _ => Err(Flaw::Json { line: 1, column: 1, what: JsonFlaw::NoObject }),
    }
}

/// JSON over several lines, two spaces a level.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_table_and_back_is_the_same_object() {
        let features = map(json!({
            "maxProjects": 50, "ratio": 0.5, "exportEnabled": true, "label": " a ", "regions": ["eu", "us"],
            "odd": ["a,b"], "lines": "a\nb", "deep": {"a": [1, null]}, "none": null, "empty": [], "blank": ""
        }));
        assert_eq!(object(&rows(&features), "features").unwrap(), features);
    }

    #[test]
    fn every_row_at_fault_is_named() {
        let row = |key: &str, kind, value: &str| Row { key: key.into(), kind, value: value.into() };
        let rows = [
            row("a", Kind::Number, "1"),
            row("", Kind::Number, ""),
            row("", Kind::Text, "x"),
            row("a", Kind::Text, "x"),
            row("b", Kind::Boolean, "yes"),
            row("c", Kind::Json, "{"),
        ];
        let fields: Vec<_> = object(&rows, "features").unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["features.2", "features.3", "features.4", "features.5"]);
        assert_eq!(readable(&rows), map(json!({"a": 1})));
    }

    #[test]
    fn a_syntax_error_says_where() {
        let error = parse_object("{\n  \"a\": 1,\n  oops\n}").unwrap_err();
        assert!(matches!(error, Flaw::Json { line: 3, column: 3, what: JsonFlaw::Syntax(_) }), "{error}");
        let error = parse_object("{\n").unwrap_err();
        assert!(matches!(error, Flaw::Json { line: 1, column: 1, what: JsonFlaw::Ended }), "{error:?}");
        let error = parse_object("{\n \"a\": 1,\n \"b\": tru\n}").unwrap_err();
        assert!(matches!(error, Flaw::Json { line: 3, column: 9, .. }), "{error}");
        assert!(parse_object("{\"a\": 1, \"a\": 2}").is_err());
        assert_eq!(parse_object("  ").unwrap(), Map::new());
        assert!(parse_object("[1]").is_err());
    }
}
