//! Editing a JSON object as a table of key, type and value, or as JSON. Without JavaScript the buttons post the form,
//! which comes back in the other shape; with it they work in place.

use domain::{FieldError, Flaw};
use leptos::{
    ev::MouseEvent,
    prelude::*,
    web_sys::{Element, HtmlTextAreaElement},
};
use wasm_bindgen::JsCast;

use super::{
    draft::{ObjectDraft, Sheet},
    form::ACTION,
    name_and_key::FieldError as Fault,
    rows::{self, Kind, Row},
};
use crate::{
    i18n::Text,
    ui::{Glyph, Icon, TextArea, take_typed},
};

/// Blank rows at the end of a table that nobody's JavaScript will make longer. A phone shows the first of them.
const SPARE: usize = 3;

/// How far a row was filled in and left. Nobody is told of what they have not come to yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Nothing,
    Key,
    Value,
}

/// One row that is being edited.
#[derive(Clone, Copy)]
struct Line {
    id: usize,
    row: RwSignal<Row>,
    left: RwSignal<Left>,
    /// There for want of JavaScript: a phone does without it.
    spare: bool,
}

impl Line {
    fn new(id: usize, row: Row, spare: bool) -> Self {
        let left = if row.is_blank() { Left::Nothing } else { Left::Value };
        Self { id, row: RwSignal::new(row), left: RwSignal::new(left), spare }
    }

    /// A control of the row was changed and left.
    fn leave(self, control: Left) {
        let reached = if self.row.with_untracked(|row| row.value.trim().is_empty()) { control } else { Left::Value };
        if reached > self.left.get_untracked() {
            self.left.set(reached);
        }
    }

    fn is_due(self, flaw: &Flaw) -> bool {
        match self.left.get() {
            Left::Nothing => false,
            Left::Key => matches!(flaw, Flaw::Of(_, flaw) if **flaw == Flaw::Twice),
            Left::Value => true,
        }
    }

    /// The id of one of its controls.
    fn control(self, field: &str, part: &str) -> String {
        format!("{field}-{}-{part}", self.id)
    }

    /// A row of the new kind starts with a value of that kind, where there are few.
    fn set_kind(self, kind: Kind) {
        self.row.update(|row| {
            row.kind = kind;
            if kind == Kind::Boolean && !matches!(row.value.trim(), "true" | "false") {
                row.value = "true".into();
            }
        });
    }
}

/// An object that is being edited.
#[derive(Clone, Copy)]
pub struct ObjectState {
    sheet: RwSignal<Sheet>,
    lines: RwSignal<Vec<Line>>,
    json: RwSignal<String>,
    next: RwSignal<usize>,
}

impl ObjectState {
    pub fn new(draft: ObjectDraft) -> Self {
        let mut rows: Vec<_> = draft.rows.into_iter().filter(|row| !row.is_blank()).collect();
        let filled = rows.len();
        rows.extend((0..SPARE).map(|_| Row::default()));
        let line = |(id, row)| Line::new(id, row, id > filled);
        let lines: Vec<_> = rows.into_iter().enumerate().map(line).collect();
        Self {
            sheet: RwSignal::new(draft.sheet),
            next: RwSignal::new(lines.len()),
            lines: RwSignal::new(lines),
            json: RwSignal::new(draft.json),
        }
    }

    /// Takes over what was typed into the controls of `field` before the island woke.
    pub fn take_typed(&self, field: &str) {
        for line in self.lines.get_untracked() {
            let (row, held) = (line.row, line.row.get_untracked());
            take_typed(&line.control(field, "key"), &held.key, move |key| row.update(|row| row.key = key));
            take_typed(&line.control(field, "type"), held.kind.as_str(), move |kind| line.set_kind(Kind::parse(&kind)));
            take_typed(&line.control(field, "value"), &held.value, move |value| row.update(|row| row.value = value));
        }
        let json = self.json;
        take_typed(&format!("{field}_json"), &json.get_untracked(), move |typed| json.set(typed));
    }

    /// What stands there now.
    pub fn draft(&self) -> ObjectDraft {
        ObjectDraft {
            sheet: self.sheet.get(),
            rows: self.lines.get().iter().map(|line| line.row.get()).collect(),
            json: self.json.get(),
        }
    }

    /// Whether it is time to tell of an error of [`Self::draft`]: not before a row was filled in.
    pub fn is_due(&self, field: &str, error: &FieldError) -> bool {
        let Some(rest) = error.field.strip_prefix(field) else { return false };
        match rest.strip_prefix('.').map(str::parse) {
            None => matches!(rest, "" | "_json"),
            Some(row) => self
                .lines
                .with(|lines| lines.get(row.unwrap_or(usize::MAX)).copied())
                .is_some_and(|line| line.is_due(&error.flaw)),
        }
    }

    fn add(&self) {
        let id = self.next.get_untracked();
        self.next.set(id + 1);
        self.lines.update(|lines| lines.push(Line::new(id, Row::default(), false)));
    }

    fn remove(&self, id: usize) {
        self.lines.update(|lines| lines.retain(|line| line.id != id));
    }

    /// Shows the object the other way; what cannot be read stays as it is.
    fn switch(&self, to: Sheet) -> bool {
        let draft = self.draft().switched(to, "");
        if draft.sheet != to {
            return false;
        }
        let fresh = Self::new(draft);
        self.lines.set(fresh.lines.get_untracked());
        self.next.set(fresh.next.get_untracked());
        self.json.set(fresh.json.get_untracked());
        self.sheet.set(to);
        true
    }
}

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
            errors.get().into_iter().find(|error| error.field == name).map(|error| text.flaw(&error.flaw))
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

#[component]
fn TableSheet(text: Text, field: &'static str, state: ObjectState, errors: Signal<Vec<FieldError>>) -> impl IntoView {
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

#[component]
fn TableRow(
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
        errors.get().into_iter().find(|error| error.field == name).map(|error| text.flaw(&error.flaw))
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

#[component]
fn JsonSheet(text: Text, field: &'static str, state: ObjectState, error: Signal<Option<String>>) -> impl IntoView {
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
