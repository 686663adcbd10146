//! HTML by hand: what goes in is escaped, unless it is HTML already.

use std::fmt;

/// Text that is HTML.
pub(super) struct Html(String);

impl Html {
    /// HTML that was written here, or put together from escaped parts.
    pub fn raw(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text for an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        assert_eq!(escape("</pre><script>\"'&"), "&lt;/pre&gt;&lt;script&gt;&quot;&#39;&amp;");
    }
}
