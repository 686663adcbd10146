//! One of a few choices.

use leptos::prelude::*;

/// Radio buttons beside each other: each option is its value and its label. The id of one is `{name}-{value}`.
#[component]
pub fn Radios(name: &'static str, chosen: String, options: Vec<(&'static str, String)>) -> impl IntoView {
    view! {
        <div class="flex flex-wrap gap-x-6 gap-y-2">
            {options
                .into_iter()
                .map(|(value, label)| {
                    let id = format!("{name}-{value}");
                    view! {
                        <div class="flex items-center gap-2.5">
                            <input
                                class="size-5 accent-brand"
                                type="radio"
                                id=id.clone()
                                name=name
                                value=value
                                checked=value == chosen
                            />
                            <label for=id>{label}</label>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}
