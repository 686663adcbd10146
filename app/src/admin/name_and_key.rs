//! A name, and the key that is made from it until somebody touches the key.

use domain::text::slugify;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    i18n::Text,
    ui::{Labelled, described_by, take_typed},
};

/// Labels and hints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameAndKeyTexts {
    pub name: String,
    pub name_hint: String,
    pub key: String,
    pub key_hint: String,
}

/// Two fields, `name` and `key_field`.
#[island(lazy)]
pub fn NameAndKey(
    text: Text,
    texts: NameAndKeyTexts,
    key_field: String,
    name: String,
    key: String,
    name_error: Option<String>,
    key_error: Option<String>,
    max_name: u16,
) -> impl IntoView {
    let touched = RwSignal::new(!key.is_empty());
    let (name, key) = (RwSignal::new(name), RwSignal::new(key));
    view! {
        <NameInput
            text
            label=texts.name
            hint=texts.name_hint
            error=name_error
            name
            max=max_name
            on_typed=Callback::new(move |text: String| {
                if !touched.get() {
                    key.set(slugify(&text));
                }
            })
        />
        <KeyInput label=texts.key hint=texts.key_hint error=key_error field=key_field key touched/>
    }
}

/// The name, with a counter near its limit.
#[component]
pub fn NameInput(
    text: Text,
    label: String,
    hint: String,
    #[prop(into)] error: Signal<Option<String>>,
    name: RwSignal<String>,
    max: u16,
    on_typed: Callback<String>,
) -> impl IntoView {
    take_typed("name", &name.get_untracked(), move |typed| {
        name.set(typed.clone());
        on_typed.run(typed);
    });
    let counter = move || {
        let count = name.get().trim().chars().count();
        let near = count * 4 > usize::from(max) * 3;
        near.then(|| view! { <p class="text-right text-sm text-muted">{text.characters_of(count, max)}</p> })
    };
    view! {
        <Labelled id="name" label hint=Some(hint)>
            <input
                class="input"
                id="name"
                name="name"
                type="text"
                autocomplete="off"
                maxlength=max
                value=name.get_untracked()
                prop:value=name
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || described_by("name", true, error.get().is_some())
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    name.set(typed.clone());
                    on_typed.run(typed);
                }
            />
            <FieldError id="name" error/>
            {counter}
        </Labelled>
    }
}

/// The key; once touched, it stays as typed.
#[component]
pub fn KeyInput(
    label: String,
    hint: String,
    #[prop(into)] error: Signal<Option<String>>,
    field: String,
    key: RwSignal<String>,
    touched: RwSignal<bool>,
) -> impl IntoView {
    take_typed(&field, &key.get_untracked(), move |typed| {
        touched.set(!typed.is_empty());
        key.set(typed);
    });
    let id = field.clone();
    let described = field.clone();
    view! {
        <Labelled id=field.clone() label hint=Some(hint)>
            <input
                class="input font-mono text-sm"
                id=field.clone()
                name=field.clone()
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength="64"
                value=key.get_untracked()
                prop:value=key
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=move || described_by(&described, true, error.get().is_some())
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    touched.set(!typed.is_empty());
                    key.set(typed);
                }
            />
            <FieldError id error/>
        </Labelled>
    }
}

/// What is wrong with a field, beneath it.
#[component]
pub fn FieldError(#[prop(into)] id: String, #[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|message| {
            view! {
                <p id=format!("{id}-error") class="flex gap-1.5 text-sm font-medium text-bad">
                    <crate::ui::Icon glyph=crate::ui::Glyph::Alert class="mt-0.5"/>
                    <span>{message}</span>
                </p>
            }
        })
    }
}
