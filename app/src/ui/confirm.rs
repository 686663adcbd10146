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
    /// Where the form is sent; to the page's own address where it is not given.
    #[prop(optional, into)]
    action: Option<String>,
    /// Of the sentence that says so: one of its own on the page.
    #[prop(into)]
    id: String,
    #[prop(optional)] small: bool,
    /// It is open from the start: its form came back.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class=DETAILS open=open>
            <Opener label=label.clone() small/>
            <form method="post" action=action class=INSIDE>
                {children()}
                <p id=id.clone()>{effect}</p>
                <div><Button look=Look::Danger attr:aria-describedby=id>{label}</Button></div>
            </form>
        </details>
    }
}

/// As [`Confirm`], small and inside a form with more in it: its button sends `name` with `value` along.
#[component]
pub fn ConfirmButton(
    #[prop(into)] label: String,
    #[prop(into)] effect: String,
    #[prop(into)] id: String,
    name: &'static str,
    value: &'static str,
) -> impl IntoView {
    view! {
        <details class=DETAILS>
            <Opener label=label.clone() small=true/>
            <div class=INSIDE>
                <p id=id.clone()>{effect}</p>
                <div>
                    <Button look=Look::Danger attr:name=name attr:value=value attr:aria-describedby=id>{label}</Button>
                </div>
            </div>
        </details>
    }
}

const DETAILS: &str = "min-w-0 max-w-full open:basis-full";
const INSIDE: &str = "mt-3 grid gap-3 rounded-box bg-sunken p-4";

#[component]
fn Opener(label: String, small: bool) -> impl IntoView {
    let size = if small { "button-small" } else { "" };
    let class = format!("button button-danger list-none [&::-webkit-details-marker]:hidden {size}");
    view! { <summary class=class>{label}"…"</summary> }
}
