//! The way from a page to those beside it.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::Text;

/// Links to the pages beside this one, in a list. Where the screen is narrow they are folded away below a word that
/// says which page is open. The `<details>` hold that word alone, and by the style sheet show what follows them: a wide
/// screen has the links always. The children are the list's items.
#[component]
pub fn Menu(
    text: Text,
    /// What the links are of.
    #[prop(into)]
    label: String,
    /// Which of them is open.
    current: Option<String>,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="peer group order-last min-w-0 basis-full lg:hidden">
            <summary class="flex list-none items-center gap-2 rounded-box border border-line px-3 py-2 hover:border-edge [&::-webkit-details-marker]:hidden">
                <span class="font-medium">{text.menu()}</span>
                {current.map(|current| view! {
                    <span class="min-w-0 truncate text-muted"><span class="sr-only">": "</span>{current}</span>
                })}
                <Icon glyph=Glyph::ChevronDown class="ml-auto text-muted group-open:rotate-180"/>
            </summary>
        </details>
        <nav aria-label=label class=format!("order-last min-w-0 basis-full max-lg:hidden max-lg:peer-open:block {class}")>
            <ul class="grid grid-cols-2 gap-1 sm:grid-cols-3 lg:grid-cols-1">{children()}</ul>
        </nav>
    }
}

/// A link of a [`Menu`].
#[component]
pub fn MenuLink(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    current: bool,
    #[prop(default = None)] glyph: Option<Glyph>,
    /// Says what waits behind it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="min-w-0">
            <a
                class="flex items-center gap-2.5 rounded-box px-3 py-2 text-muted hover:bg-sunken hover:text-ink aria-[current]:bg-brand/10 aria-[current]:font-semibold aria-[current]:text-ink"
                href=href
                aria-current=current.then_some("page")
            >
                {glyph.map(|glyph| view! { <Icon glyph class="max-sm:hidden"/> })}
                <span class="min-w-0 wrap-anywhere">{label}</span>
                {children.map(|children| children())}
            </a>
        </li>
    }
}
