//! Features: the free-form JSON object of a plan, and the overrides of a single user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Flaw, Problem, Timestamp, json};

/// A plan's features: a JSON object of at most 3 KiB, at most 8 levels deep, without NUL, its numbers within f64.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Features(Map<String, Value>);

impl Features {
    /// Serialised size in bytes.
    pub const MAX_BYTES: usize = 3 * 1024;
    /// Levels of nesting, the object itself counted.
    pub const MAX_DEPTH: usize = 8;

    /// # Errors
    /// `APP_001` on the field `features`, with the limit that was passed.
    pub fn parse(value: Value) -> Result<Self, Problem> {
        let Value::Object(map) = value else {
            return Err(Problem::field("features", Flaw::Object));
        };
        let value = Value::Object(map);
        check(&value, 1)?;
        let size = value.to_string().len();
        if size > Self::MAX_BYTES {
            return Err(Problem::field("features", Flaw::Bytes { size, max: Self::MAX_BYTES }));
        }
        let Value::Object(map) = value else { unreachable!("checked above") };
        Ok(Self(map))
    }

    /// Reads a JSON text. The message of a syntax error has its line and column.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_json(text: &str) -> Result<Self, Problem> {
        Self::parse(json::read(text).map_err(|flaw| Problem::field("features", flaw))?)
    }

    pub const fn map(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

fn check(value: &Value, depth: usize) -> Result<(), Problem> {
    if depth > Features::MAX_DEPTH {
        return Err(Problem::field("features", Flaw::Depth { max: Features::MAX_DEPTH }));
    }
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            no_nul(key)?;
            check(value, depth + 1)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::String(text) => no_nul(text),
        Value::Number(number) if number.as_f64().is_none_or(|n| !n.is_finite()) => {
            Err(Problem::field("features", Flaw::NumberRange))
        }
        _ => Ok(()),
    }
}

fn no_nul(text: &str) -> Result<(), Problem> {
    if text.contains('\0') { Err(Problem::field("features", Flaw::Nul)) } else { Ok(()) }
}

impl TryFrom<Value> for Features {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Self, Problem> {
        Self::parse(value)
    }
}

impl From<Features> for Value {
    fn from(features: Features) -> Self {
        Self::Object(features.0)
    }
}

/// The value that one user has for a feature, whatever the plan says, perhaps until a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Override {
    /// Whether it counts at `now`: at its very expiry it does not.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

/// The overrides of one membership, by feature key.
pub type Overrides = BTreeMap<String, Override>;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn accepts_what_the_contract_shows() {
        let features = json!({"maxProjects": 50, "exportEnabled": true, "storageGb": 100});
        assert_eq!(Value::from(Features::parse(features.clone()).unwrap()), features);
    }

    #[test]
    fn refuses_depth_size_nul_and_other_types() {
        let mut deep = json!({});
        for _ in 0..8 {
            deep = json!({ "a": deep });
        }
        assert!(Features::parse(deep).is_err());
        assert!(Features::parse(json!({"a": "x".repeat(3072)})).is_err());
        assert!(Features::parse(json!({"a": "b\0c"})).is_err());
        assert!(Features::parse(json!([1])).is_err());
    }

    #[test]
    fn a_syntax_error_has_its_line() {
        let problem = Features::from_json("{\n  \"a\": 1,\n  oops\n}").unwrap_err();
        assert!(problem.message.contains("line 3"), "{}", problem.message);
    }
}
