//! Text on its way into HTML that is written by hand.

/// Escapes for text and for quoted attributes.
pub fn escape(text: &str) -> String {
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
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        assert_eq!(escape(r#""><script>&"#), "&quot;&gt;&lt;script&gt;&amp;");
        assert_eq!(escape("&amp;"), "&amp;amp;");
    }
}
