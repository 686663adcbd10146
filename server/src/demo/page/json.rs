//! JSON for people: indented, in colours, with what matters marked.

use serde_json::Value;

use super::{Html, escape};

/// The claims that this is all about.
const MARKED: [&str; 4] = ["plan", "features", "claims", "ent_ver"];

/// An object, one line per member; the members of [`MARKED`] are marked.
pub(super) fn object(value: &Value) -> Html {
    let Value::Object(members) = value else { return plain(value, 0) };
    let last = members.len().saturating_sub(1);
    let lines = members.iter().enumerate().map(|(index, (key, value))| {
        let comma = if index == last { "" } else { "," };
        let line = format!("  {}: {}{comma}\n", name(key), plain(value, 1));
        if MARKED.contains(&key.as_str()) { Html::raw(format!("<mark>{line}</mark>")) } else { Html::raw(line) }
    });
    Html::raw(format!("{{\n{}}}", Html::join(lines)))
}

fn name(key: &str) -> String {
    format!("<span class=\"k\">{}</span>", escape(&Value::from(key).to_string()))
}

fn plain(value: &Value, depth: usize) -> Html {
    let (indent, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let html = match value {
        Value::Object(members) if !members.is_empty() => {
            let lines: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{indent}{}: {}", name(key), plain(value, depth + 1)))
                .collect();
            format!("{{\n{}\n{end}}}", lines.join(",\n"))
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let lines: Vec<_> = items.iter().map(|item| format!("{indent}{}", plain(item, depth + 1))).collect();
            format!("[\n{}\n{end}]", lines.join(",\n"))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| plain(item, depth).to_string()).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(_) => format!("<span class=\"s\">{}</span>", escape(&value.to_string())),
        Value::Number(_) | Value::Bool(_) | Value::Null => format!("<span class=\"n\">{value}</span>"),
        Value::Object(_) => "{}".into(),
    };
    Html::raw(html)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_what_matters_and_escapes_the_rest() {
        let html = object(&json!({"sub": "<b>", "plan": "pro", "features": {"a": [1, "x"]}, "claims": {}})).to_string();
        assert!(html.contains("<mark>  <span class=\"k\">&quot;plan&quot;</span>: "), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"));
        assert!(html.contains("<mark>  <span class=\"k\">&quot;claims&quot;</span>: {}\n</mark>"), "{html}");
    }
}
