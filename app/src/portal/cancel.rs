//! Cancelling, in one step.

use domain::{Timestamp, route, text::MAX_REASON};
use leptos::prelude::*;

use crate::{
    i18n::Text,
    ui::{Button, Look, TextArea},
};

/// What a cancellation would mean.
#[derive(Clone, Debug)]
pub struct Cancellation {
    pub plan: String,
    /// `None` where it ends at once.
    pub until: Option<Timestamp>,
}

/// The date, an optional reason, one button.
#[component]
pub(super) fn CancelPlan(cancellation: Cancellation, of: String, text: Text) -> impl IntoView {
    let Cancellation { plan, until } = cancellation;
    let sentence = match until {
        Some(at) => text.cancel_until(&plan, text.date(at)),
        None => text.cancel_at_once(&plan),
    };
    view! {
        <section class="card px-6 py-4 sm:px-8">
            <details>
                <summary class="min-h-6 py-1 font-semibold">{text.cancel_plan()}</summary>
                <form method="post" action=route::PORTAL class="grid gap-4 py-3">
                    <input type="hidden" name="of" value=of/>
                    <input type="hidden" name="act" value="cancel"/>
                    <p>{sentence}</p>
                    <TextArea name="reason" label=text.cancel_reason() rows=2 maxlength=MAX_REASON/>
                    <div>
                        <Button look=Look::Danger>{text.cancel_button(plan)}</Button>
                    </div>
                </form>
            </details>
        </section>
    }
}
