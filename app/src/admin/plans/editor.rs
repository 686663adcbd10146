//! The form of a plan, with the hosted card and the token beside it as it is being written.

use domain::{
    Currency, FieldError,
    billing::{feature::Features, plan::Plan},
    text::slugify,
};
use leptos::prelude::*;

use super::{
    card::{HostedCard, TokenPreview, draw},
    price_fields::PriceFields,
};
use crate::{
    admin::{
        draft::PlanDraft,
        form::ACTION,
        name_and_key::{FieldError as Fault, KeyInput, NameInput},
        object_editor::{ObjectEditor, ObjectState},
        touched::Touched,
    },
    i18n::Text,
    ui::{Alert, Button, ButtonLink, Check, Field, Look, TextArea, Tone, held_still, take_checked, take_typed},
};

/// Longest description.
const DESCRIPTION: usize = 500;

/// The editor. `is_new` plans have a key to choose and may get their first price.
#[island(lazy)]
pub fn PlanEditor(
    text: Text,
    draft: PlanDraft,
    /// Of the form that was refused.
    errors: Vec<FieldError>,
    is_new: bool,
    /// The plan as it is, or a blank one.
    base: Plan,
    /// A payment provider bills.
    billed: bool,
    /// Of the application's prices.
    currency: Option<Currency>,
    /// Where "Cancel" leads.
    back: String,
) -> impl IntoView {
    let name = RwSignal::new(draft.name.clone());
    let key = RwSignal::new(draft.key.clone());
    let key_touched = RwSignal::new(!draft.key.is_empty() && (!is_new || draft.key != slugify(&draft.name)));
    let description = RwSignal::new(draft.description.clone());
    let features = ObjectState::new(draft.features.clone());
    let is_default = RwSignal::new(draft.is_default);
    let is_listed = RwSignal::new(draft.is_listed);
    let price = RwSignal::new(draft.price.clone());
    let stripe = draft.stripe_product_id.clone();
    take_typed("description", &draft.description, move |typed| description.set(typed));
    features.take_typed("features");
    take_checked("is_default", draft.is_default, move |checked| is_default.set(checked));
    take_checked("is_listed", draft.is_listed, move |checked| is_listed.set(checked));
    let now = Memo::new({
        let stripe = stripe.clone();
        move |_| PlanDraft {
            name: name.get(),
            key: key.get(),
            description: description.get(),
            features: features.draft(),
            is_default: is_default.get(),
            is_listed: is_listed.get(),
            stripe_product_id: stripe.clone(),
            price: price.get(),
        }
    });
    let now: Signal<PlanDraft> = now.into();

    let touched = Touched::default();
    let live = Memo::new(move |_| now.get().parse(text.locale()).err().unwrap_or_default());
    let shown = held_still(Signal::derive(move || {
        // The features are judged here alone, by the same rules.
        let is_open = |error: &&FieldError| !error.field.starts_with("features") && !touched.has(&error.field);
        let is_due = |error: &FieldError| touched.has(&error.field) || features.is_due("features", error);
        let sent = errors.iter().filter(is_open).cloned();
        sent.chain(live.get().into_iter().filter(is_due)).collect::<Vec<_>>()
    }));
    let error = move |field: &'static str| {
        Signal::derive(move || {
            shown.get().into_iter().find(|error| error.field == field).map(|error| text.flaw_below(&error.flaw))
        })
    };

    let drawn = Memo::new({
        let base = base.clone();
        move |held: Option<&Plan>| draw(&base, &now.get(), held, text.locale())
    });
    let is_broken =
        Signal::derive(move || shown.with(|errors| errors.iter().any(|error| error.field.starts_with("features"))));
    let is_unpriced =
        Signal::derive(move || price.with(|price| !price.is_blank() && price.parse(text.locale()).is_err()));
    let has_price = {
        let is_free = base.is_free();
        move || !is_free || !price.get().is_blank()
    };
    view! {
        <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
            <form method="post" class="card grid min-w-0 gap-6 p-5 sm:p-6" novalidate on:change=move |event| touched.take(&event)>
                // Enter in a field presses the first button of the form.
                <button class="sr-only" tabindex="-1" aria-hidden="true" name=ACTION value="save">{text.save()}</button>
                <div class="grid items-start gap-5 sm:grid-cols-2">
                    <NameInput
                        text
                        label=text.plan_name()
                        hint=text.plan_name_hint()
                        error=error("name")
                        name
                        max=64
                        on_typed=Callback::new(move |typed: String| {
                            if is_new && !key_touched.get() {
                                key.set(slugify(&typed));
                            }
                        })
                    />
                    {if is_new {
                        view! {
                            <KeyInput
                                label=text.plan_key()
                                hint=text.plan_key_hint()
                                error=error("key")
                                field="key".to_owned()
                                key
                                touched=key_touched
                            />
                        }
                        .into_any()
                    } else {
                        view! {
                            <div class="grid min-w-0 content-start gap-1.5">
                                <p class="font-medium">{text.plan_key()}</p>
                                <p class="text-sm text-muted">{text.plan_key_fixed()}</p>
                                <p class="py-2"><code class="break-all rounded bg-sunken px-2 py-1">{key.get_untracked()}</code></p>
                            </div>
                        }
                        .into_any()
                    }}
                </div>
                <div
                    class="grid gap-1"
                    on:input=move |event| description.set(event_target_value(&event))
                >
                    <TextArea
                        name="description"
                        label=text.plan_description()
                        value=description.get_untracked()
                        rows=2
                    />
                    <Fault id="description" error=error("description")/>
                    <p class="text-right text-sm text-muted">
                        {move || text.characters_of(description.get().trim().chars().count(), DESCRIPTION)}
                    </p>
                </div>
                <ObjectEditor
                    text
                    field="features"
                    legend=text.plan_features()
                    hint=text.plan_features_hint()
                    state=features
                    max=Features::MAX_BYTES
                    errors=shown
                />
                <div
                    class="grid gap-4"
                    on:change=move |event| {
                        use wasm_bindgen::JsCast;
                        let target = event.target();
                        let Some(input) = target.and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
                        match input.name().as_str() {
                            "is_default" => is_default.set(input.checked()),
                            "is_listed" => is_listed.set(input.checked()),
                            _ => {}
                        }
                    }
                >
                    <Check
                        name="is_default"
                        label=text.plan_default()
                        hint=Some(text.plan_default_hint())
                        checked=is_default.get_untracked()
                    />
                    {move || (is_default.get() && has_price())
                        .then(|| view! { <Alert tone=Tone::Warn>{text.plan_default_priced()}</Alert> })}
                    <Check
                        name="is_listed"
                        label=text.plan_listed()
                        hint=Some(text.plan_listed_hint())
                        checked=is_listed.get_untracked()
                    />
                </div>
                {is_new.then(|| view! {
                    <fieldset class="grid gap-3 border-t border-line pt-5">
                        <legend class="float-left font-medium">{text.first_price()}</legend>
                        <p class="-mt-2 text-sm text-muted">{text.first_price_hint()}</p>
                        <PriceFields text price errors=shown/>
                    </fieldset>
                })}
                <details class="border-t border-line pt-4">
                    <summary class="font-medium">"Stripe"</summary>
                    <div class="pt-3">
                        <Field
                            name="stripe_product_id"
                            label=text.plan_stripe()
                            hint=Some(text.plan_stripe_hint())
                            value=stripe
                            error=error("stripe_product_id").get_untracked()
                        />
                    </div>
                </details>
                <div class="flex flex-wrap items-center gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">
                        {if is_new { text.create_plan() } else { text.save() }}
                    </Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                    {move || {
                        let said = match shown.get().len() {
                            0 => return None,
                            1 => text.one_error(),
                            faults => text.errors_count(faults),
                        };
                        Some(view! { <p class="text-sm text-bad">{said}</p> })
                    }}
                </div>
            </form>
            <aside class="grid min-w-0 gap-5 xl:sticky xl:top-6" aria-label=text.preview()>
                <section class="grid min-w-0 gap-2">
                    <h2 class="text-sm font-medium text-muted">{text.preview_card()}</h2>
                    <HostedCard text plan=drawn is_unpriced currency trials=billed/>
                </section>
                <section class="grid min-w-0 gap-2">
                    <h2 class="text-sm font-medium text-muted">{text.preview_token()}</h2>
                    <TokenPreview text plan=drawn is_broken billed/>
                </section>
            </aside>
        </div>
    }
}
