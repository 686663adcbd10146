//! Why something is done, for the audit log.

use domain::text::MAX_REASON;
use leptos::prelude::*;

use super::form::Sent;
use crate::{i18n::Text, ui::Field};

/// The field `reason`, which may stay empty.
#[component]
pub fn ReasonField(
    text: Text,
    sent: Sent,
    /// Where a page has several such forms.
    #[prop(default = "reason".to_owned(), into)]
    id: String,
    /// What it says below its label, if not where a reason is kept.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    view! {
        <Field
            name="reason"
            id
            label=text.reason()
            hint=Some(hint.unwrap_or_else(|| text.reason_hint()))
            value=sent.or("reason", "")
            error=sent.error("reason")
            maxlength=MAX_REASON
            autocomplete="off"
        />
    }
}
