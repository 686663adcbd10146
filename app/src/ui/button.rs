//! Buttons, and links that look like them.

use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The main action; one per form.
    #[default]
    Primary,
    Secondary,
    Quiet,
    /// Takes something away.
    Danger,
}

fn class(look: Look, small: bool, more: &str) -> String {
    let look = match look {
        Look::Primary => "button-primary",
        Look::Secondary => "button-secondary",
        Look::Quiet => "button-quiet",
        Look::Danger => "button-danger",
    };
    format!("button {look}{}{more}", if small { " button-small " } else { " " })
}

/// A button that submits its form, unless `kind` says otherwise. Take `attr:name`, `attr:value`, `on:click` along.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    #[prop(default = "submit")] kind: &'static str,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] class: String,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button type=kind class=self::class(look, small, &class) disabled=move || disabled.get()>
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] look: Look,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=self::class(look, small, &class)>
            {children()}
        </a>
    }
}
