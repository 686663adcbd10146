//! A form as it came back from the browser: what was typed, and what is wrong with it.

use domain::{FieldError, Flaw, oauth::addresses::MOST};

use crate::i18n::Text;

/// The field that says which form of a page was sent.
pub const ACTION: &str = "action";

/// What was typed, in the order of the form; a name may be there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(pub Vec<(String, String)>);

impl Values {
    /// The first value of that name, empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox of that name was checked.
    pub fn is_checked(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The lines of a text area, without blank ones.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The value without space around it, `None` when nothing is left.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty())
    }
}

/// The form that was refused, to be shown again. Nothing of it when the page was merely opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// In which what is wrong is said.
    pub text: Text,
    /// Which form of the page.
    pub action: String,
    pub values: Values,
    pub errors: Vec<FieldError>,
    /// What is wrong with the whole.
    pub message: Option<String>,
}

impl Sent {
    /// This, when it is the form `action`; otherwise nothing.
    pub fn of(&self, action: &str) -> Self {
        if self.action == action { self.clone() } else { Self::default() }
    }

    pub const fn is_empty(&self) -> bool {
        self.action.is_empty()
    }

    /// What was typed, or what holds when the form was not sent.
    pub fn or(&self, name: &str, held: impl Into<String>) -> String {
        if self.is_empty() { held.into() } else { self.values.get(name).to_owned() }
    }

    pub fn checked_or(&self, name: &str, held: bool) -> bool {
        if self.is_empty() { held } else { self.values.is_checked(name) }
    }

    pub fn error(&self, name: &str) -> Option<String> {
        self.errors.iter().find(|error| error.field == name).map(|error| self.text.flaw_below(&error.flaw))
    }

    /// For the summary: each field's id and its error as a sentence.
    pub fn summary(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|error| (error.field.clone(), self.sentence(error))).collect()
    }

    /// `redirect_uris` and [`Flaw::Fragment`] as `Redirect URIs: must have no fragment`.
    fn sentence(&self, error: &FieldError) -> String {
        let (field, row) = match error.field.split_once('.') {
            Some((field, row)) => (field, row.parse::<usize>().ok()),
            None => (error.field.strip_suffix("_json").unwrap_or(&error.field), None),
        };
        let (name, flaw) = (self.text.field_label(field), self.text.flaw(&error.flaw));
        match row {
            Some(row) => format!("{name}, {}: {flaw}", row + 1),
            None if error.field.ends_with("_json") => format!("{name}, {flaw}"),
            None => format!("{name}: {flaw}"),
        }
    }
}

/// Parses fields one after the other and keeps every error, not only the first.
#[derive(Debug, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// The addresses of a text area, one a line; the first that is wrong is named.
    pub fn lines<T>(&mut self, values: &Values, field: &str, parse: impl Fn(&str) -> Result<T, Flaw>) -> Vec<T> {
        let mut good = Vec::new();
        let lines = values.lines(field);
        if lines.len() > MOST {
            self.add(field, Flaw::Addresses { max: MOST });
            return good;
        }
        for line in lines {
            match parse(&line) {
                Ok(value) => good.push(value),
                Err(flaw) => {
                    self.add(field, flaw.of(line));
                    break;
                }
            }
        }
        good
    }

    /// The value, or `None` and an error on `field`.
    pub fn take<T, E: Into<Flaw>>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(flaw) => {
                self.add(field, flaw);
                None
            }
        }
    }

    pub fn add(&mut self, field: &str, flaw: impl Into<Flaw>) {
        self.0.push(FieldError::new(field, flaw));
    }
}
