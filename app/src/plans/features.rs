//! A plan's features as people read them.

use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{
    i18n::Text,
    ui::{Glyph, Icon},
};

/// Booleans as check and cross, numbers and texts beside their name, what is nested folded away. What is empty is
/// left out.
#[component]
pub fn FeatureList(features: Map<String, Value>, text: Text) -> impl IntoView {
    let items = features.into_iter().filter_map(|(key, value)| item(text, &key, value)).collect::<Vec<_>>();
    (!items.is_empty()).then(|| view! { <ul class="grid gap-2 text-[0.9375rem]">{items}</ul> })
}

fn item(text: Text, key: &str, value: Value) -> Option<AnyView> {
    let name = humanise(key);
    Some(match value {
        Value::Null => return None,
        Value::Bool(true) => line(Glyph::Check, "text-good", view! { <span>{name}</span> }.into_any()),
        Value::Bool(false) => {
            let without =
                view! { <span class="text-muted"><span class="sr-only">{text.not_included()} ": "</span>{name}</span> };
            line(Glyph::Cross, "text-muted", without.into_any())
        }
        Value::Object(map) if map.is_empty() => return None,
        Value::Object(map) => view! {
            <li>
                <details class="relative z-10">
                    <summary class="min-h-6 font-medium">{name}</summary>
                    <div class="pl-4 pt-2"><FeatureList features=map text/></div>
                </details>
            </li>
        }
        .into_any(),
        Value::String(value) if value.trim().is_empty() => return None,
        Value::Array(items) if items.is_empty() => return None,
        value => {
            let value = scalar(text, value);
            line(
                Glyph::Check,
                "text-good",
                view! { <span>{name} ": " <strong class="font-semibold">{value}</strong></span> }.into_any(),
            )
        }
    })
}

fn line(glyph: Glyph, tone: &'static str, content: AnyView) -> AnyView {
    view! {
        <li class="flex gap-2">
            <Icon glyph class=format!("mt-[0.2em] {tone}")/>
            {content}
        </li>
    }
    .into_any()
}

pub(crate) fn scalar(text: Text, value: Value) -> String {
    match value {
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string(), |number| text.number(number)),
        Value::String(value) => value,
        Value::Array(items) => {
            let items: Vec<_> = items.into_iter().map(|item| scalar(text, item)).collect();
            items.join(", ")
        }
        Value::Bool(true) => text.included(),
        Value::Bool(false) => text.not_included(),
        other => other.to_string(),
    }
}

/// `maxProjects`, `storage_gb` and `sso-login` as words: `Max projects`, `Storage GB`, `SSO login`.
pub fn humanise(key: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in key.chars() {
        let starts = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if matches!(c, '_' | '-' | '.' | ' ') || starts {
            words.push(String::new());
        }
        if let (false, Some(word)) = (matches!(c, '_' | '-' | '.' | ' '), words.last_mut()) {
            word.push(c);
        }
        before = c;
    }
    let words = words.into_iter().filter(|word| !word.is_empty()).enumerate().map(|(i, word)| {
        let lower = word.to_lowercase();
        if matches!(
            lower.as_str(),
            "kb" | "mb" | "gb" | "tb" | "api" | "sso" | "id" | "url" | "ai" | "sla" | "pdf" | "csv"
        ) {
            return lower.to_uppercase();
        }
        let mut letters = lower.chars();
        match letters.next() {
            Some(first) if i == 0 => first.to_uppercase().chain(letters).collect(),
            _ => lower,
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_words() {
        for (key, words) in [
            ("maxProjects", "Max projects"),
            ("storageGb", "Storage GB"),
            ("export_enabled", "Export enabled"),
            ("sso-login", "SSO login"),
            ("apiCallsPerDay", "API calls per day"),
        ] {
            assert_eq!(humanise(key), words);
        }
    }
}
