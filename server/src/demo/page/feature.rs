//! What Acme can do, and how it asks the token whether it may. A product knows its own features; what a plan has
//! of them, only the token says.

use serde_json::{Map, Value};

use super::{Html, escape, icon};

struct Feature {
    key: &'static str,
    title: &'static str,
    text: &'static str,
    /// What a number counts; nothing for features that are there or not.
    unit: Option<&'static str>,
}

const FEATURES: [Feature; 6] = [
    Feature { key: "maxProjects", title: "Projects", text: "Boards that you can keep open.", unit: Some("projects") },
    Feature { key: "storageGb", title: "Storage", text: "Room for files on your boards.", unit: Some("GB") },
    Feature { key: "exportEnabled", title: "Export", text: "Boards as CSV and PDF.", unit: None },
    Feature { key: "apiAccess", title: "API access", text: "Boards from your own programs.", unit: None },
    Feature { key: "seats", title: "Seats", text: "People who share your boards.", unit: Some("seats") },
    Feature { key: "sso", title: "Single sign-on", text: "With your company’s own accounts.", unit: None },
];

/// One card per feature, open or locked; features that only the token knows are shown as they are.
pub(super) fn cards(features: &Map<String, Value>) -> Html {
    let known = FEATURES.iter().map(|feature| card(feature, features.get(feature.key)));
    let others = features.iter().filter(|(key, _)| FEATURES.iter().all(|feature| feature.key != *key));
    let others = others.map(|(key, value)| {
        let (key, value) = (escape(key), escape(&value.to_string()));
        Html::raw(format!(
            "<li class=\"feature open\">{}<h3>{key}</h3><p class=\"value\">{value}</p>\
             <p class=\"about\">Made in the dashboard: Acme does not know it yet.</p></li>",
            icon("open"),
        ))
    });
    Html::raw(format!("<ul class=\"features\">{}</ul>", Html::join(known.chain(others))))
}

fn card(feature: &Feature, value: Option<&Value>) -> Html {
    let open = match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64().is_some_and(|number| number > 0.0),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let value = match (value, feature.unit) {
        (Some(Value::Number(number)), Some(unit)) if open => format!("{number} {unit}"),
        (Some(Value::String(text)), _) => text.clone(),
        _ if open => "Unlocked".into(),
        _ => "Locked".into(),
    };
    let (kind, more) = if open {
        ("open", Html::raw(""))
    } else {
        ("locked", Html::raw("<a href=\"/demo/sign-in?prompt=select_plan\">See plans</a>"))
    };
    Html::raw(format!(
        "<li class=\"feature {kind}\">{icon}<h3>{title}</h3><p class=\"value\">{value}</p>\
         <p class=\"about\">{text} {more}</p></li>",
        icon = icon(kind),
        title = escape(feature.title),
        value = escape(&value),
        text = escape(feature.text),
    ))
}
