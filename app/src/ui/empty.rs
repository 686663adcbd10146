//! What a list shows while it is empty.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Says what will be here and, in its children, how to make the first one.
#[component]
pub fn EmptyState(
    glyph: Glyph,
    #[prop(into)] title: String,
    #[prop(into)] body: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="grid justify-items-center gap-3 rounded-box border border-dashed border-edge px-6 py-14 text-center">
            <Icon glyph class="text-3xl text-muted"/>
            <h2 class="text-lg font-semibold">{title}</h2>
            <p class="max-w-md text-muted">{body}</p>
            {children.map(|children| children())}
        </div>
    }
}
