//! The description's own marks in HTML: code between backticks, names as anchors.

use crate::http::html::escape;

/// Escapes, and sets what stands between backticks as code.
pub fn rich(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        let part = escape(part);
        if i % 2 == 1 {
            out.push_str(&format!("<code>{part}</code>"));
        } else {
            out.push_str(&part);
        }
    }
    out
}

/// An anchor: lower case letters, digits and single dashes.
pub fn anchor(text: &str) -> String {
    domain::text::slugify(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_markup() {
        assert_eq!(rich("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
    }
}
