//! Which features another plan adds and takes away.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    i18n::Text,
    plans::{humanise, scalar},
};

/// What a change gains and what it loses, as people read it.
pub(super) fn between(from: &Map<String, Value>, to: &Map<String, Value>, text: Text) -> (Vec<String>, Vec<String>) {
    let (mut gained, mut lost) = (Vec::new(), Vec::new());
    let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    for key in keys {
        let (before, after) = (present(from.get(key)), present(to.get(key)));
        if before == after {
            continue;
        }
        let name = humanise(key);
        match (before, after) {
            (None, Some(value)) => gained.push(said(&name, value, text)),
            (Some(value), None) => lost.push(said(&name, value, text)),
            (Some(before), Some(after)) => {
                let line = match (words(before, text), words(after, text)) {
                    (Some(from), Some(to)) => text.feature_change(name, from, to),
                    _ => name,
                };
                let fewer = before.as_f64().zip(after.as_f64()).is_some_and(|(before, after)| after < before);
                if fewer { lost.push(line) } else { gained.push(line) }
            }
            (None, None) => {}
        }
    }
    (gained, lost)
}

/// `false` and `null` are as good as nothing.
fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
}

fn said(name: &str, value: &Value, text: Text) -> String {
    match words(value, text).filter(|_| *value != Value::Bool(true)) {
        Some(value) => text.feature_value(name, value),
        None => name.to_owned(),
    }
}

/// A value in words; `None` for what is nested.
fn words(value: &Value, text: Text) -> Option<String> {
    (!value.is_object()).then(|| scalar(text, value.clone()))
}

#[cfg(test)]
mod tests {
    use domain::Locale;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_grows_is_gained_and_what_shrinks_is_lost() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        let free = map(json!({ "maxProjects": 3, "exportEnabled": false, "ads": true, "support": "forum" }));
        let pro = map(json!({ "maxProjects": 5000, "exportEnabled": true, "support": "mail", "limits": { "a": 1 } }));
        let (gained, lost) = between(&free, &pro, Text(Locale::En));
        assert_eq!(
            gained,
            ["Export enabled", "Limits", "Max projects: 5,000 instead of 3", "Support: mail instead of forum"]
        );
        assert_eq!(lost, ["Ads"]);
        let (gained, lost) = between(&pro, &free, Text(Locale::Id));
        assert_eq!(gained, ["Ads", "Support: forum, sebelumnya mail"]);
        assert_eq!(lost, ["Export enabled", "Limits", "Max projects: 3, sebelumnya 5.000"]);
        assert_eq!(between(&pro, &pro, Text(Locale::En)), (vec![], vec![]));
    }
}
