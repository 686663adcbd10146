//! The fields that several forms of accounts have: a name, and the address that somebody signs in with.

use leptos::prelude::*;

use crate::{form::FormState, i18n::Text, ui::Field};

/// What somebody is called; may stay empty.
#[component]
pub fn NameField(text: Text, form: FormState, #[prop(optional)] autofocus: bool) -> impl IntoView {
    view! {
        <Field
            name="name"
            label=text.name()
            value=form.value("name")
            error=form.error("name", text)
            autocomplete="name"
            maxlength=100
            autofocus=autofocus
            aside=move || view! { <span class="text-sm text-muted">{text.optional()}</span> }
        />
    }
}

/// The address of an account.
#[component]
pub fn EmailField(
    text: Text,
    form: FormState,
    /// What a browser may fill in.
    #[prop(default = "username")]
    autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    view! {
        <Field
            name="email"
            label=text.email()
            kind="email"
            value=form.value("email")
            error=form.error("email", text)
            autocomplete=autocomplete
            inputmode="email"
            maxlength=254
            required=true
            autofocus=autofocus
        />
    }
}
