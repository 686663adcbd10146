//! Boxes of a page, and what stands in many of them.

use leptos::prelude::*;

use crate::i18n::Text;

/// A box with a heading of its own.
#[component]
pub fn Panel(
    #[prop(into)] title: String,
    #[prop(optional, into)] body: Option<String>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <section class=format!("card grid min-w-0 content-start gap-5 p-5 sm:p-6 {class}") id=id>
            <div class="grid gap-1">
                <h2 class="text-lg font-semibold tracking-tight">{title}</h2>
                {body.map(|body| view! { <p class="text-pretty text-sm text-muted">{body}</p> })}
            </div>
            {children()}
        </section>
    }
}

/// A name and a value that can be copied.
#[component]
pub fn Copyable(text: Text, #[prop(into)] label: String, #[prop(into)] value: String) -> impl IntoView {
    view! {
        <div class="grid gap-1">
            <p class="text-sm text-muted">{label}</p>
            <div class="flex flex-wrap items-center gap-2">
                <code class="min-w-0 break-all rounded bg-sunken px-2 py-1 text-sm">{value.clone()}</code>
                <crate::ui::CopyButton value text/>
            </div>
        </div>
    }
}
