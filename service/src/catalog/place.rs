//! Where in the file something stands, and errors that say so.

use std::{collections::HashMap, fmt, ops::Range};

use domain::{ErrorCode, Flaw, Problem, oauth::addresses::MOST};
use toml::Spanned;

use super::file::Text;
use crate::Error;

/// `catalog.toml:12`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(String);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Place {
    pub fn problem(&self, key: &str, message: impl fmt::Display) -> Problem {
        Problem::new(ErrorCode::InvalidInput, format!("{self}: {key}: {message}"))
    }

    /// Puts the place in front of a problem that came up while applying.
    pub fn blame(&self, key: &str, error: Error) -> Error {
        match error {
            Error::Problem(problem) => self.problem(key, reason(problem)).into(),
            internal => internal,
        }
    }
}

fn reason(problem: Problem) -> String {
    Flaw::from(problem).to_string()
}

/// Why a value was refused, as a sentence.
pub(super) trait Reason {
    fn reason(self) -> String;
}

impl Reason for String {
    fn reason(self) -> String {
        self
    }
}

impl Reason for Flaw {
    fn reason(self) -> String {
        self.to_string()
    }
}

impl Reason for Problem {
    fn reason(self) -> String {
        reason(self)
    }
}

/// The text of a file, to find lines in.
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    pub fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        Place(format!("{}:{}", self.file, before.matches('\n').count() + 1))
    }

    pub fn of<T>(&self, value: &Spanned<T>) -> Place {
        self.place(&value.span())
    }

    pub fn parse<T, E: Reason>(
        &self,
        key: &str,
        raw: &Text,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Problem> {
        parse(raw.as_ref()).map_err(|error| self.of(raw).problem(key, error.reason()))
    }

    pub fn parse_some<T, E: Reason>(
        &self,
        key: &str,
        raw: Option<&Text>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        raw.map(|raw| self.parse(key, raw, parse)).transpose()
    }

    pub fn parse_all<T, E: Reason, C: FromIterator<T>>(
        &self,
        key: &str,
        raw: Option<&Vec<Text>>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<C>, Problem> {
        raw.map(|raw| raw.iter().map(|item| self.parse(key, item, &parse)).collect()).transpose()
    }

    /// As [`Self::parse_all`], for addresses.
    pub fn addresses<T, E: Reason>(
        &self,
        key: &str,
        raw: Option<&Vec<Text>>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Vec<T>>, Problem> {
        if let Some(over) = raw.and_then(|raw| raw.get(MOST)) {
            return Err(self.of(over).problem(key, Flaw::Addresses { max: MOST }));
        }
        self.parse_all(key, raw, parse)
    }
}

/// Names that may stand in the file once.
#[derive(Default)]
pub(super) struct Once(HashMap<String, Place>);

impl Once {
    pub fn insert(&mut self, key: &str, name: &str, place: Place) -> Result<(), Problem> {
        if let Some(first) = self.0.get(name) {
            return Err(place.problem(key, format!("{name} stands at {first} already")));
        }
        self.0.insert(name.to_owned(), place);
        Ok(())
    }
}
