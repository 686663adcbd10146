//! How hard a new password is to guess, told beside its field.

use domain::route;
use leptos::{nonce::use_nonce, prelude::*};

use crate::i18n::Text;

/// Asks the server while somebody types, and shows what it says; nothing where it says nothing.
const SCRIPT: &str = include_str!("strength.js");

/// Says of the password in a field what the server will say when its form is sent, which names whose it is by `email`
/// and `name`, ahead of it. Without JavaScript there is no meter. It keeps its room while it is empty.
#[component]
pub fn StrengthMeter(
    text: Text,
    /// The field's id.
    of: &'static str,
) -> impl IntoView {
    let words =
        [String::new(), text.strength_weak(), text.strength_fair(), text.strength_good(), text.strength_strong()];
    view! {
        <div hidden class="grid gap-1" data-of=of data-at=route::PASSWORD_STRENGTH data-words=words.join("|")>
            <meter class="h-2 w-full" min="0" max="4" low="1.5" high="2.5" optimum="4" aria-hidden="true"></meter>
            <p class="min-h-5 text-sm text-muted" aria-live="polite"></p>
        </div>
        <script nonce=use_nonce()>{SCRIPT}</script>
    }
}
