//! The object as a table, and the button that lengthens it.

use domain::FieldError;
use leptos::{ev::MouseEvent, prelude::*};

use super::{ObjectState, row::TableRow};
use crate::{
    admin::form::ACTION,
    i18n::Text,
    ui::{Glyph, Icon},
};

#[component]
pub(super) fn TableSheet(
    text: Text,
    field: &'static str,
    state: ObjectState,
    errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let add = move |event: MouseEvent| {
        event.prevent_default();
        state.add();
    };
    view! {
        <div class="grid gap-2">
            <div class="hidden gap-2 text-sm text-muted sm:grid sm:grid-cols-[minmax(0,1fr)_8rem_minmax(0,1fr)_2.5rem]" aria-hidden="true">
                <span>{text.key()}</span>
                <span>{text.kind()}</span>
                <span>{text.value()}</span>
            </div>
            <For each=move || state.lines.get() key=|line| line.id let:line>
                <TableRow text field state line errors/>
            </For>
            <div>
                <button
                    class="button button-quiet button-small"
                    name=ACTION
                    value=format!("{field}_add_row")
                    on:click=add
                >
                    <Icon glyph=Glyph::Plus/>
                    {text.add_row()}
                </button>
            </div>
        </div>
    }
}
