//! What is wrong with a form, at its top.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::i18n::Text;

/// Takes the focus when the page arrives, and links to each field at fault. Draws nothing when nothing is wrong.
#[component]
pub fn ErrorSummary(
    text: Text,
    /// What is wrong with the whole.
    #[prop(default = None)]
    message: Option<String>,
    /// Ids of fields, and what is wrong with each.
    #[prop(default = Vec::new())]
    fields: Vec<(String, String)>,
) -> impl IntoView {
    let show = message.is_some() || !fields.is_empty();
    let labelled_by = message.is_none().then_some("error-summary");
    show.then(|| {
        view! {
            <div
                class="flex gap-3 rounded-box px-4 py-3 tone-bad"
                role="alert"
                tabindex="-1"
                autofocus
                aria-labelledby=labelled_by
            >
                <Icon glyph=Glyph::Alert class="mt-0.5 text-[1.1em]"/>
                <div class="grid min-w-0 gap-1">
                    {match message {
                        Some(message) => view! { <p class="font-medium">{message}</p> }.into_any(),
                        None => view! { <p class="font-semibold" id="error-summary">{text.there_is_a_problem()}</p> }
                            .into_any(),
                    }}
                    {(!fields.is_empty()).then(|| view! {
                        <ul class="grid gap-0.5">
                            {fields
                                .into_iter()
                                .map(|(id, message)| view! {
                                    <li><a class="underline underline-offset-2" href=format!("#{id}")>{message}</a></li>
                                })
                                .collect_view()}
                        </ul>
                    })}
                </div>
            </div>
        }
    })
}
