//! A message that stays on the page.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};

/// A message with an icon; errors are announced.
#[component]
pub fn Alert(
    #[prop(default = Tone::Note)] tone: Tone,
    /// Takes the focus when the page arrives: why what somebody has just asked for was not done.
    #[prop(optional)]
    focused: bool,
    children: Children,
) -> impl IntoView {
    let glyph = match tone {
        Tone::Good => Glyph::Check,
        Tone::Warn | Tone::Bad => Glyph::Alert,
        Tone::Plain | Tone::Note | Tone::Brand => Glyph::Info,
    };
    view! {
        <div
            class=format!("flex gap-2.5 rounded-box px-4 py-3 {}", tone.class())
            role=if tone == Tone::Bad { "alert" } else { "status" }
            tabindex=focused.then_some("-1")
            autofocus=focused
        >
            <Icon glyph class="mt-0.5 text-[1.1em]"/>
            <div class="min-w-0">{children()}</div>
        </div>
    }
}
