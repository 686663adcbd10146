//! The password field.

use leptos::{nonce::use_nonce, prelude::*};

use super::strength::StrengthMeter;
use crate::{
    i18n::Text,
    ui::{Labelled, described_by},
};

/// Shows the box that shows the password; without JavaScript there is none.
const SHOW: &str = "for(const l of document.querySelectorAll('[data-shows]')){const b=l.firstElementChild;\
l.hidden=false;b.checked=false;b.onchange=()=>document.getElementById(l.dataset.shows).type=b.checked?'text':'password'}";

/// A password with a box to show it, a new one with a meter beneath. The box is no button, so that the form's first
/// button is its main one.
#[component]
pub fn PasswordField(
    text: Text,
    /// Its name, too.
    #[prop(default = "password")]
    id: &'static str,
    /// Other than "Password".
    #[prop(optional, into)]
    label: Option<String>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    #[prop(default = None)] hint: Option<String>,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let described = described_by(id, hint.is_some(), error.is_some());
    let label = label.unwrap_or_else(|| text.password());
    let invalid = error.is_some().then_some("true");
    let aside = move || {
        view! {
            <label hidden data-shows=id class="flex items-center gap-1.5 py-0.5 text-sm text-muted">
                <input type="checkbox" class="size-4 accent-brand" autocomplete="off"/>
                {text.show_password()}
            </label>
        }
    };
    view! {
        <Labelled id label hint error aside>
            <input
                class="input"
                id=id
                name=id
                type="password"
                autocomplete=autocomplete
                required
                autofocus=autofocus
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=invalid
                aria-describedby=described
            />
            {(autocomplete == "new-password").then(|| view! { <StrengthMeter text of=id/> })}
        </Labelled>
        <script nonce=use_nonce()>{SHOW}</script>
    }
}
