//! A row of the table: its key, its type, its value.

use domain::FieldError;
use leptos::{ev::MouseEvent, prelude::*};

use super::{
    ObjectState,
    line::{Left, Line},
};
use crate::{
    admin::{name_and_key::FieldError as Fault, rows::Kind},
    i18n::Text,
    ui::{Glyph, Icon},
};

#[component]
pub(super) fn TableRow(
    text: Text,
    field: &'static str,
    state: ObjectState,
    line: Line,
    errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let (id, row) = (line.id, line.row);
    let place = move || state.lines.get().iter().position(|line| line.id == id).unwrap_or_default();
    let error = Signal::derive(move || {
        let name = format!("{field}.{}", place());
        errors.get().into_iter().find(|error| error.field == name).map(|error| text.flaw_below(&error.flaw))
    });
    let label = move |part: String| format!("{}, {part}", text.row_number(place() + 1));
    let kind_label = |kind: Kind| match kind {
        Kind::Boolean => text.kind_boolean(),
        Kind::Number => text.kind_number(),
        Kind::Text => text.kind_text(),
        Kind::List => text.kind_list(),
        Kind::Json => text.kind_json(),
    };
    let first = row.get_untracked();
    let input = "input min-h-10 py-1.5 font-mono text-sm";
    let remove = move |event: MouseEvent| {
        event.prevent_default();
        state.remove(id);
    };
    let invalid = move || error.get().is_some().then_some("true");
    let described = move || error.get().map(|_| format!("{field}-{id}-error"));
    let on_kind = move |event| {
        line.set_kind(Kind::parse(&event_target_value(&event)));
        line.leave(Left::Key);
    };
    let on_value = move |event| row.update(|row| row.value = event_target_value(&event));
    let name = move |part: &str| format!("{field}_{part}");
    // A control that is typed into stays the same one.
    let kind = Memo::new(move |_| row.with(|row| row.kind));
    let value = move || {
        let kind = kind.get();
        let row_now = row.get_untracked();
        if kind == Kind::Boolean && matches!(row_now.value.as_str(), "true" | "false") {
            let is = row_now.value == "true";
            view! {
                <select
                    class="input min-h-10 py-1.5 text-sm"
                    id=line.control(field, "value")
                    name=name("value")
                    aria-label=move || label(text.value())
                    on:change=on_value
                >
                    <option value="true" selected=is>"true"</option>
                    <option value="false" selected=!is>"false"</option>
                </select>
            }
            .into_any()
        } else {
            view! {
                <input
                    class=input
                    type="text"
                    id=line.control(field, "value")
                    name=name("value")
                    value=row_now.value
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=if kind == Kind::List { text.list_hint() } else { String::new() }
                    aria-label=move || label(text.value())
                    aria-invalid=invalid
                    aria-describedby=described
                    on:input=on_value
                    on:change=move |_| line.leave(Left::Value)
                />
            }
            .into_any()
        }
    };
    view! {
        <div
            class="grid grid-cols-[minmax(0,1fr)_8rem] gap-2 rounded-box border border-line p-2 sm:grid-cols-[minmax(0,1fr)_8rem_minmax(0,1fr)_2.5rem] sm:border-0 sm:p-0 max-sm:data-spare:hidden"
            data-spare=move || (line.spare && row.get().is_blank()).then_some("")
            id=move || format!("{field}.{}", place())
            tabindex="-1"
        >
            <input
                class=input
                type="text"
                id=line.control(field, "key")
                name=name("key")
                value=first.key.clone()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-label=move || label(text.key())
                aria-invalid=invalid
                aria-describedby=described
                on:input=move |event| row.update(|row| row.key = event_target_value(&event))
                on:change=move |_| line.leave(Left::Key)
            />
            <select
                class="input min-h-10 py-1.5 text-sm"
                id=line.control(field, "type")
                name=name("type")
                aria-label=move || label(text.kind())
                on:change=on_kind
            >
                {Kind::ALL
                    .map(|kind| view! { <option value=kind.as_str() selected=kind == first.kind>{kind_label(kind)}</option> })
                    .into_iter()
                    .collect_view()}
            </select>
            <div class="min-w-0 max-sm:col-start-1">{value}</div>
            <button
                type="button"
                class="hidden size-10 place-items-center rounded-box text-muted hover:bg-sunken hover:text-ink in-[[data-alive]]:grid"
                aria-label=move || text.remove_row(place() + 1)
                on:click=remove
            >
                <Icon glyph=Glyph::Cross/>
            </button>
            <div class="col-span-full empty:hidden"><Fault id=format!("{field}-{id}") error/></div>
        </div>
    }
}
