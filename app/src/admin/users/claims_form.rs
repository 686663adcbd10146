//! The form of a user's custom claims.

use domain::{FieldError, billing::claims::CustomClaims};
use leptos::prelude::*;

use crate::{
    admin::{
        draft::ObjectDraft,
        form::ACTION,
        object_editor::{ObjectEditor, ObjectState},
    },
    i18n::Text,
    ui::{Button, held_still},
};

/// A table of key, type and value, or JSON.
#[island(lazy)]
pub fn ClaimsForm(text: Text, draft: ObjectDraft, errors: Vec<FieldError>) -> impl IntoView {
    let state = ObjectState::new(draft);
    state.take_typed("claims");
    // Until something is changed, what the server said; from then on what is wrong with the rows that were left.
    let filled = move || ObjectDraft {
        rows: state.draft().rows.into_iter().filter(|row| !row.is_blank()).collect(),
        ..state.draft()
    };
    let sent = untrack(filled);
    let errors = held_still(Signal::derive(move || {
        if filled() == sent {
            return errors.clone();
        }
        let live = state.draft().parse("claims").err().unwrap_or_default();
        live.into_iter().filter(|error| state.is_due("claims", error)).collect()
    }));
    view! {
        <form method="post" class="grid gap-4" novalidate>
            <button class="sr-only" tabindex="-1" aria-hidden="true" name=ACTION value="claims">{text.save_claims()}</button>
            <ObjectEditor
                text
                field="claims"
                legend=text.claims()
                hint=text.claims_body()
                state
                max=CustomClaims::MAX_BYTES
                errors
            />
            <div>
                <Button attr:name=ACTION attr:value="claims">{text.save_claims()}</Button>
            </div>
        </form>
    }
}
