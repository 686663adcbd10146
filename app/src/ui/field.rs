//! Fields of forms: a label, perhaps a hint, the input, and its error beside it.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Label, hint and error around any control with the id `id`. The control should carry [`described_by`].
#[component]
pub fn Labelled(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(default = None)] hint: Option<String>,
    #[prop(default = None)] error: Option<String>,
    /// Stands at the end of the label's line.
    #[prop(optional, into)]
    aside: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <div class="flex items-baseline justify-between gap-3">
                <label for=id.clone() class="min-w-0 font-medium wrap-anywhere">{label}</label>
                {aside.run()}
            </div>
            {hint.map(|hint| view! { <p id=format!("{id}-hint") class="text-sm text-muted">{hint}</p> })}
            {children()}
            {error.map(|error| view! {
                <p id=format!("{id}-error") class="flex gap-1.5 text-sm font-medium text-bad">
                    <Icon glyph=Glyph::Alert class="mt-0.5"/>
                    <span>{error}</span>
                </p>
            })}
        </div>
    }
}

/// The value of `aria-describedby` for a control inside [`Labelled`].
pub fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (error, hint) {
        (true, true) => Some(format!("{id}-error {id}-hint")),
        (true, false) => Some(format!("{id}-error")),
        (false, true) => Some(format!("{id}-hint")),
        (false, false) => None,
    }
}

/// One line of text. Its id is its name unless given.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] value: String,
    #[prop(default = None)] hint: Option<String>,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] maxlength: Option<u16>,
    #[prop(optional)] minlength: Option<u16>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] readonly: bool,
    #[prop(optional, into)] aside: ViewFn,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let plain = matches!(kind, "email" | "password");
    let described = described_by(&id, hint.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Labelled id=id.clone() label hint error aside>
            <input
                class="input"
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                placeholder=placeholder
                maxlength=maxlength
                minlength=minlength
                required=required
                autofocus=autofocus
                readonly=readonly
                autocapitalize=plain.then_some("none")
                spellcheck=plain.then_some("false")
                aria-invalid=invalid
                aria-describedby=described
            />
        </Labelled>
    }
}

/// A checkbox with its label behind it.
#[component]
pub fn Check(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] id: Option<String>,
    #[prop(default = "on".to_owned(), into)] value: String,
    #[prop(optional)] checked: bool,
    #[prop(default = None)] hint: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some(), false);
    view! {
        <div class="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
            <input
                class="mt-0.5 size-5 accent-brand"
                type="checkbox"
                id=id.clone()
                name=name
                value=value
                checked=checked
                aria-describedby=described
            />
            <label for=id.clone() class="font-medium">{label}</label>
            {hint.map(|hint| view! { <p id=format!("{id}-hint") class="col-start-2 text-sm text-muted">{hint}</p> })}
        </div>
    }
}
