//! Making a new secret in place of the old one.

use leptos::prelude::*;

use super::form::ACTION;
use crate::{
    i18n::Text,
    ui::{Button, Look},
};

/// Stands in the panel of a page's dangers, above what deletes.
#[component]
pub fn RotateForm(
    text: Text,
    /// What becomes of the old secret.
    body: String,
    /// What may be chosen beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <form method="post" class="flex flex-wrap items-center justify-between gap-3 border-b border-line pb-5">
            <div class="min-w-0 flex-1 basis-80">
                <h3 class="font-medium">{text.rotate_secret()}</h3>
                <p class="text-sm text-muted">{body}</p>
                {children.map(|children| view! { <div class="mt-3">{children()}</div> })}
            </div>
            <Button look=Look::Secondary attr:name=ACTION attr:value="rotate">{text.rotate_secret()}</Button>
        </form>
    }
}
