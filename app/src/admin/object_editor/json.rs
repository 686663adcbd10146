//! The object as JSON: whether it can be read, and where it cannot.

use domain::Flaw;
use leptos::{
    ev::MouseEvent,
    prelude::*,
    web_sys::{Element, HtmlTextAreaElement},
};
use wasm_bindgen::JsCast;

use super::ObjectState;
use crate::{
    admin::{form::ACTION, rows},
    i18n::Text,
    ui::{Glyph, Icon, TextArea},
};

#[component]
pub(super) fn JsonSheet(
    text: Text,
    field: &'static str,
    state: ObjectState,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let holder = NodeRef::<leptos::html::Div>::new();
    let json = state.json;
    let area = move || {
        let holder: Element = holder.get_untracked()?.into();
        holder.query_selector("textarea").ok()??.dyn_into::<HtmlTextAreaElement>().ok()
    };
    let fault = move || rows::parse_object(&json.get()).err();
    let judge = format!("{field}_json-fault");
    // The fault stands beneath already.
    let error = error.get_untracked().filter(|_| untrack(fault).is_none());
    let format = move |event: MouseEvent| {
        event.prevent_default();
        let Ok(object) = rows::parse_object(&json.get_untracked()) else { return };
        let pretty = rows::pretty(&serde_json::Value::Object(object));
        if let Some(area) = area() {
            area.set_value(&pretty);
        }
        json.set(pretty);
    };
    // The summary of errors and the label lead to the area; a fault leads the caret to its place.
    let show = move |event: MouseEvent| {
        event.prevent_default();
        if let (Some(Flaw::Json { line, column, .. }), Some(area)) = (fault(), area()) {
            let at = offset(&area.value(), line, column);
            let _ = area.focus();
            let _ = area.set_selection_range(at, at + 1);
        }
    };
    view! {
        <div
            class="grid gap-2"
            node_ref=holder
            on:input=move |event| {
                if let Some(area) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok()) {
                    json.set(area.value());
                }
            }
        >
            <TextArea
                name=format!("{field}_json")
                label=text.as_json()
                value=json.get_untracked()
                error=error
                rows=12
                judge=Some((judge.clone(), Signal::derive(move || fault().is_some())))
                class="font-mono text-sm leading-relaxed"
            />
            <div class="flex flex-wrap items-center justify-between gap-2">
                <p class="text-sm" role="status" id=judge>
                    {move || match fault() {
                        None => view! {
                            <span class="flex items-center gap-1.5 text-good">
                                <Icon glyph=Glyph::Check/>
                                {text.json_is_good()}
                            </span>
                        }
                        .into_any(),
                        Some(fault) => view! {
                            <button type="button" class="flex gap-1.5 rounded text-left font-medium text-bad underline-offset-2 hover:underline" on:click=show>
                                <Icon glyph=Glyph::Alert class="mt-0.5"/>
                                {text.flaw(&fault)}
                            </button>
                        }
                        .into_any(),
                    }}
                </p>
                <button class="button button-secondary button-small" name=ACTION value=format!("{field}_as_json") on:click=format>
                    {text.format_json()}
                </button>
            </div>
        </div>
    }
}

/// The place of a line and column in a text, in UTF-16 units.
fn offset(text: &str, line: usize, column: usize) -> u32 {
    let before: usize = text.split('\n').take(line.saturating_sub(1)).map(|line| line.encode_utf16().count() + 1).sum();
    u32::try_from(before + column.saturating_sub(1)).unwrap_or_default()
}
