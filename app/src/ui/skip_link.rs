//! The way past what every page begins with.

use leptos::prelude::*;

use crate::i18n::Text;

/// The first link of a page, which nobody sees before the keyboard reaches it. Leads to the element with the id `to`,
/// which has `tabindex="-1"`.
#[component]
pub fn SkipLink(text: Text, to: &'static str) -> impl IntoView {
    view! {
        <a
            class="sr-only focus:not-sr-only focus:fixed focus:left-3 focus:top-3 focus:z-20 focus:rounded-box focus:bg-surface focus:px-4 focus:py-2 focus:shadow-card"
            href=format!("#{to}")
        >
            {text.skip_to_content()}
        </a>
    }
}
