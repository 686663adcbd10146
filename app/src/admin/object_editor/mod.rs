//! Editing a JSON object as a table of key, type and value, or as JSON. Without JavaScript the buttons post the form,
//! which comes back in the other shape; with it they work in place.

mod json;
mod line;
mod row;
mod state;
mod table;

use domain::FieldError;
use leptos::{ev::MouseEvent, prelude::*};

pub use state::ObjectState;

use self::{json::JsonSheet, table::TableSheet};
use super::{draft::Sheet, form::ACTION, name_and_key::FieldError as Fault};
use crate::i18n::Text;

/// The editor. Its fields are `{field}_key`, `{field}_type`, `{field}_value`, or `{field}_json`, and `{field}_as`.
#[component]
pub fn ObjectEditor(
    text: Text,
    field: &'static str,
    #[prop(into)] legend: String,
    #[prop(into)] hint: String,
    state: ObjectState,
    /// The largest size in bytes.
    max: usize,
    /// Errors on `{field}`, `{field}.{row}` and `{field}_json`.
    #[prop(into)]
    errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let sheet = state.sheet;
    let error = move |name: String| {
        Signal::derive(move || {
            errors.get().into_iter().find(|error| error.field == name).map(|error| text.flaw_below(&error.flaw))
        })
    };
    let tab = move |to: Sheet, label: String| {
        let click = move |event: MouseEvent| {
            if sheet.get() == to || state.switch(to) {
                event.prevent_default();
            }
        };
        view! {
            <button
                class="rounded-full px-3 py-1 text-sm aria-pressed:bg-surface aria-pressed:font-semibold aria-pressed:shadow-card"
                name=ACTION
                value=format!("{field}_as_{}", to.as_str())
                aria-pressed=move || (sheet.get() == to).to_string()
                on:click=click
            >
                {label}
            </button>
        }
    };
    let size = move || {
        let object = state.draft().parse(field).ok()?;
        Some(serde_json::to_string(&object).map_or(0, |text| text.len()))
    };
    view! {
        <fieldset class="grid min-w-0 gap-3" id=field tabindex="-1" aria-describedby=format!("{field}-about")>
            <div class="flex flex-wrap items-end justify-between gap-2">
                <legend class="float-left font-medium">{legend}</legend>
                <div class="flex rounded-full bg-sunken p-1" role="group" aria-label=text.edit_as()>
                    {tab(Sheet::Table, text.as_table())}
                    {tab(Sheet::Json, text.as_json())}
                </div>
            </div>
            <p class="-mt-1 text-sm text-muted" id=format!("{field}-about")>{hint}</p>
            <input type="hidden" name=format!("{field}_as") value=move || sheet.get().as_str()/>
            {move || match sheet.get() {
                Sheet::Table => view! { <TableSheet text field state errors/> }.into_any(),
                Sheet::Json => view! { <JsonSheet text field state error=error(format!("{field}_json"))/> }.into_any(),
            }}
            <Fault id=field error=error(field.to_owned())/>
            <p class="min-h-5 text-right text-sm text-muted">
                {move || size().map(|size| text.bytes_of(size, max))}
            </p>
        </fieldset>
    }
}
