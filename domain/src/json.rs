//! JSON that a person wrote: read strictly, and refused with the place of the fault.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{Flaw, flaw::JsonFlaw};

/// Reads a JSON text. A key that stands twice in one object is a fault, too.
///
/// # Errors
/// [`Flaw::Json`] with the line and column, both from 1, of the character at fault: the last one before a line break
/// or the end where something is missing.
pub fn read(text: &str) -> Result<Value, Flaw> {
    let twice = RefCell::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { twice: &twice }.deserialize(&mut reader);
    value.and_then(|value| reader.end().map(|()| value)).map_err(|error| flaw(text, &error, twice.take()))
}

fn flaw(text: &str, error: &serde_json::Error, twice: Option<String>) -> Flaw {
    // The parser counts the bytes of a line that it has read: none of them directly behind a line break.
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line + error.column()).saturating_sub(1);
    let what = match twice {
        Some(key) => {
            // It has just read the second key.
            let quoted = Value::from(key.as_str()).to_string();
            at = text.get(..=at).filter(|read| read.ends_with(&quoted)).map_or(at, |read| read.len() - quoted.len());
            JsonFlaw::Twice(key)
        }
        None if error.is_eof() => {
            at = text.len();
            JsonFlaw::Ended
        }
        None => {
            let full = error.to_string();
            JsonFlaw::Syntax(full.split(" at line ").next().unwrap_or_default().to_owned())
        }
    };
    let (line, column) = place(text, at);
    Flaw::Json { line, column, what }
}

/// Line and column, in characters, of the character that holds the byte `at`; a break or an end gives the one before.
fn place(text: &str, at: usize) -> (usize, usize) {
    let mut at = text.floor_char_boundary(at);
    if text[at..].chars().next().is_none_or(char::is_whitespace) {
        at = text[..at].trim_end().char_indices().last().map_or(0, |(at, _)| at);
    }
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Reads any value, and refuses a key that an object has already.
#[derive(Clone, Copy)]
struct Strict<'a> {
    /// The key that was there twice.
    twice: &'a RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                let error = A::Error::custom("key is there twice");
                self.twice.replace(Some(key));
                return Err(error);
            }
            map.insert(key, entries.next_value_seed(self)?);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Line, column and the character there.
    fn fault(text: &str) -> (usize, usize, char) {
        let Err(Flaw::Json { line, column, .. }) = read(text) else { panic!("no fault in {text}") };
        let at = text.lines().nth(line - 1).and_then(|line| line.chars().nth(column - 1));
        (line, column, at.unwrap_or_else(|| panic!("no line {line}, column {column} in {text}")))
    }

    #[test]
    fn values_are_those_of_the_parser() {
        let text = r#" {"a": [1, -2, 0.5, 1e3, "é\n", true, null, {}], "b": {"a": 18446744073709551615}} "#;
        assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(read("7").unwrap(), json!(7));
    }

    #[test]
    fn a_fault_is_placed_on_its_character() {
        assert_eq!(fault("{\n  \"a\": 1,\n  oops\n}"), (3, 3, 'o'));
        assert_eq!(fault("{\n \"a\": 1,\n \"b\": tru\n}"), (3, 9, 'u'));
        assert_eq!(fault("{\n \"a\": \"x\n}"), (2, 8, 'x'));
        assert_eq!(fault("{\"a\": }"), (1, 7, '}'));
        assert_eq!(fault("{\"a\": 1,\n}\n"), (2, 1, '}'));
        assert_eq!(fault("{\"ä\": \"é\", ü}"), (1, 12, 'ü'));
        assert_eq!(fault("{\"a\": 1} x"), (1, 10, 'x'));
        assert_eq!(fault("{\r\n \"a\": tru\r\n}"), (2, 9, 'u'));
    }

    #[test]
    fn a_text_that_ends_too_early_is_at_fault_where_it_ends() {
        for (text, place) in [("{\n", (1, 1, '{')), ("{\"a\": 1\n\n", (1, 7, '1')), ("{\"a\": \"é", (1, 8, 'é'))] {
            assert_eq!(fault(text), place);
            assert!(matches!(read(text), Err(Flaw::Json { what: JsonFlaw::Ended, .. })), "{text}");
        }
    }

    #[test]
    fn a_key_may_not_be_there_twice() {
        assert_eq!(fault(r#"{"a":1,"a":2}"#), (1, 8, '"'));
        assert_eq!(fault("{\"x\": [{\n  \"ä\": 1,\n  \"ä\": 2}]}"), (3, 3, '"'));
        assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), (1, 15, '"'));
        let error = read(r#"{"a":1,"a":2}"#).unwrap_err();
        assert_eq!(error, Flaw::Json { line: 1, column: 8, what: JsonFlaw::Twice("a".into()) });
        assert_eq!(read(r#"{"a":{"a":1}}"#).unwrap(), json!({"a": {"a": 1}}));
    }
}
