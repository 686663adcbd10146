//! The parameters of an authorization request as they came.

use std::collections::BTreeMap;

/// The parameters that this server reads. Others are ignored, even when repeated.
const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "claims",
    "claims_locales",
    "display",
    "ui_locales",
    "plan",
    "resource",
    "dpop_jkt",
    "request",
    "request_uri",
    "registration",
];

/// What never makes a request fail (OpenID Connect Core, 3.1.2.1, 5.2 and 5.5): too long, it counts as left out.
const FORGIVEN: &[&str] = &["login_hint", "acr_values", "claims", "claims_locales", "display", "ui_locales"];

/// The longest value of a parameter, in bytes; it travels in URLs.
pub(super) const LONGEST: usize = 4096;
/// The longest `id_token_hint`, in bytes. Features and claims make our own id_tokens longer than the rest, and only the
/// user whom the hint names travels on.
pub(super) const LONGEST_HINT: usize = 16 << 10;

/// The longest value that a parameter may have, in bytes.
pub(super) fn longest(name: &str) -> usize {
    if name == "id_token_hint" { LONGEST_HINT } else { LONGEST }
}

/// The parameters as they came. An empty value counts as left out (RFC 6749, section 3.1).
#[derive(Clone, Debug, Default)]
pub struct RawParameters {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
}

impl RawParameters {
    /// Keeps the known ones, and remembers which of them came twice. The same resource twice is one (RFC 8707, section 2).
    pub fn new<K: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut raw = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.into());
            if !KNOWN.contains(&name) || value.is_empty() {
                continue;
            }
            let is_new = name != "resource" || raw.values.get(name) != Some(&value);
            if is_new && raw.values.insert(name.to_owned(), value).is_some() {
                raw.repeated.push(name.to_owned());
            }
        }
        raw
    }

    /// The value of a parameter, unless it is one that is forgiven and too long.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?.as_str();
        (value.len() <= LONGEST || !FORGIVEN.contains(&name)).then_some(value)
    }

    /// The first that came twice.
    pub(super) fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    /// The first that is longer than it may be.
    pub(super) fn too_long(&self) -> Option<&str> {
        let long = |name: &str, value: &str| value.len() > longest(name) && !FORGIVEN.contains(&name);
        self.values.iter().find(|(name, value)| long(name, value)).map(|(name, _)| name.as_str())
    }

    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// Sets a parameter that the request left out.
    pub fn or_set(&mut self, name: &str, value: &str) {
        self.values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
}
