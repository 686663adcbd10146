//! Features: the free-form JSON object of a plan, and the overrides of a single user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Flaw, Problem, Timestamp, stored, text::text};

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
        let refused = |flaw: Flaw| Problem::field("features", flaw);
        if value.is_object() {
            limits(&value).map_err(refused)?;
        }
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(refused(Flaw::Object)),
        }
    }

    pub const fn map(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

/// What an object of features must keep: see [`Features`].
fn limits(object: &Value) -> Result<(), Flaw> {
    check(object, 1)?;
    let size = object.to_string().len();
    if size > Features::MAX_BYTES { Err(Flaw::Bytes { size, max: Features::MAX_BYTES }) } else { Ok(()) }
}

fn check(value: &Value, depth: usize) -> Result<(), Flaw> {
    if depth > Features::MAX_DEPTH {
        return Err(Flaw::Depth { max: Features::MAX_DEPTH });
    }
    match value {
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            no_nul(key)?;
            check(value, depth + 1)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::String(text) => no_nul(text),
        Value::Number(number) if number.as_f64().is_none_or(|n| !n.is_finite()) => Err(Flaw::NumberRange),
        _ => Ok(()),
    }
}

fn no_nul(text: &str) -> Result<(), Flaw> {
    if text.contains('\0') { Err(Flaw::Nul) } else { Ok(()) }
}

impl TryFrom<Value> for Features {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Self, Problem> {
        match value {
            Value::Object(map) if stored::is_being_read() => Ok(Self(map)),
            value => Self::parse(value),
        }
    }
}

impl From<Features> for Value {
    fn from(features: Features) -> Self {
        Self::Object(features.0)
    }
}

text!(
    /// The name of one feature, as a caller gives it: 1 to 64 characters, none of them a control character.
    FeatureKey,
    |text| match text.chars().count() {
        1..=64 if text.chars().any(char::is_control) => Err(Flaw::Control),
        1..=64 => Ok(text.to_owned()),
        _ => Err(Flaw::Length { min: 1, max: 64 }),
    }
);

/// Whether a feature of this value is there at all: `false`, `null` and 0 say that it is not.
pub fn is_there(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
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

/// Checks what one membership's overrides take together: no more than a plan's features may.
///
/// # Errors
/// `APP_001` on the field `value`, with the limit that was passed.
pub fn check_overrides(overrides: &Overrides) -> Result<(), Problem> {
    let object = overrides.iter().map(|(key, own)| (key.clone(), own.value.clone())).collect();
    limits(&Value::Object(object)).map_err(|flaw| Problem::field("value", flaw))
}

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
    fn overrides_take_no_more_than_a_plan() {
        let own = |value| Override { value, expires_at: None };
        let of = |pairs: Vec<(&str, Value)>| -> Overrides {
            pairs.into_iter().map(|(key, value)| (key.to_owned(), own(value))).collect()
        };
        assert!(check_overrides(&of(vec![("seats", json!(5)), ("list", json!(["a"]))])).is_ok());
        let half = json!("x".repeat(1600));
        assert!(check_overrides(&of(vec![("a", half.clone())])).is_ok());
        let problem = check_overrides(&of(vec![("a", half.clone()), ("b", half)])).unwrap_err();
        assert_eq!(problem.fields[0].field, "value");
        let deep = (0..8).fold(json!(1), |inner, _| json!([inner]));
        assert!(check_overrides(&of(vec![("a", deep)])).is_err());
    }

    #[test]
    fn keys_are_short_and_printable() {
        for good in ["maxProjects", "max projects", "fitur", "日本", &"x".repeat(64)] {
            assert!(FeatureKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a\nb", "a\0b", &"x".repeat(65)] {
            assert!(FeatureKey::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nothing_and_no_are_not_there() {
        for gone in [json!(null), json!(false), json!(0), json!(0.0)] {
            assert!(!is_there(&gone), "{gone}");
        }
        for there in [json!(true), json!(-1), json!(0.5), json!("no"), json!([]), json!({})] {
            assert!(is_there(&there), "{there}");
        }
    }
}
