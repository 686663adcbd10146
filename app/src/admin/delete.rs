//! Deleting something for good.

use leptos::prelude::*;

use super::form::{ACTION, Sent};
use crate::{
    i18n::Text,
    ui::{Button, Field, Look},
};

/// Deletes what is called `name` after that was typed. Stands in the panel of a page's dangers.
#[component]
pub fn DeleteForm(
    text: Text,
    /// What the button does.
    title: String,
    /// What becomes of what belongs to it.
    body: String,
    name: String,
    sent: Sent,
) -> impl IntoView {
    view! {
        <form method="post" class="grid gap-4">
            <div>
                <h3 class="font-medium">{title.clone()}</h3>
                <p class="text-sm text-muted">{body}</p>
            </div>
            <div class="fields sm:grid-cols-[minmax(0,1fr)_auto]">
                <Field
                    name="confirm"
                    label=text.delete_confirm(&name)
                    value=sent.or("confirm", "")
                    error=sent.error("confirm")
                    autocomplete="off"
                />
                // Beside the field, whatever stands above and below that.
                <Button
                    look=Look::Danger
                    class="justify-self-start sm:col-start-2 sm:row-start-3 sm:mt-1.5"
                    attr:name=ACTION
                    attr:value="delete"
                >
                    {title}
                </Button>
            </div>
        </form>
    }
}
