//! Taking something away, in two steps.

use leptos::prelude::*;

use super::{Button, Look};

/// Opens like a button to what would be gone and the button that does it. Its form sends what its children hold.
#[component]
pub fn Confirm(
    /// What is done.
    #[prop(into)]
    label: String,
    /// What it would mean.
    #[prop(into)]
    effect: String,
    #[prop(into)] action: String,
    /// Of the sentence that says so: one of its own on the page.
    #[prop(into)]
    id: String,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="min-w-0 max-w-full open:basis-full">
            <summary class="button button-danger list-none [&::-webkit-details-marker]:hidden">{label.clone()}"…"</summary>
            <form method="post" action=action class="mt-3 grid gap-3 rounded-box bg-sunken p-4">
                {children()}
                <p id=id.clone()>{effect}</p>
                <div><Button look=Look::Danger attr:aria-describedby=id>{label}</Button></div>
            </form>
        </details>
    }
}
