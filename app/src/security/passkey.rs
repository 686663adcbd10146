//! A form that asks the browser for a passkey, and sends what it gives.

use leptos::{nonce::use_nonce, prelude::*};
use service::identity::factors::Challenge;

use crate::{
    i18n::Text,
    ui::{Button, Look},
};

/// Shows the form, asks when its button is pressed, and offers passkeys in the field of the address where `autofill`.
const SCRIPT: &str = include_str!("passkey.js");

/// Without JavaScript there is no such form: no browser gives a passkey without it.
#[component]
pub fn PasskeyForm(
    text: Text,
    action: String,
    challenge: Challenge,
    label: String,
    #[prop(optional)] look: Look,
    /// What the form does, where its page has others.
    #[prop(optional)]
    act: Option<&'static str>,
    /// Whether the browser may offer passkeys while somebody types.
    #[prop(optional)]
    autofill: bool,
    /// Of its button.
    #[prop(default = "w-full")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <form
            hidden
            method="post"
            action=action
            class="grid gap-2"
            data-options=challenge.options
            data-autofill=autofill.then_some("")
        >
            {act.map(|act| view! { <input type="hidden" name="act" value=act/> })}
            <input type="hidden" name="challenge" value=challenge.sealed/>
            <input type="hidden" name="answer"/>
            <Button class=class look>{label}</Button>
            <p hidden data-failed="" role="status" class="text-sm text-muted">{text.passkey_failed()}</p>
        </form>
        <script nonce=use_nonce()>{SCRIPT}</script>
    }
}
