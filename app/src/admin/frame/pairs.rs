//! Names with their values.

use leptos::prelude::*;

/// Names and values, a line each. The children are lines of another kind, and stand first.
#[component]
pub fn Pairs(
    /// `None` is left out.
    rows: Vec<Option<(String, String)>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <dl class="grid gap-2 text-sm">
            {children.map(|children| children())}
            {rows
                .into_iter()
                .flatten()
                .map(|(name, value)| view! { <Pair name><dd class="tabular-nums">{value}</dd></Pair> })
                .collect_view()}
        </dl>
    }
}

/// A line of [`Pairs`]. The children are the value's `<dd>`.
#[component]
pub fn Pair(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <div class="flex flex-wrap justify-between gap-x-4">
            <dt class="text-muted">{name}</dt>
            {children()}
        </div>
    }
}
