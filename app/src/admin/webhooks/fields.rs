//! What can be set on an endpoint.

use domain::webhook::{
    endpoint::{Endpoint, MAX_DESCRIPTION},
    event::EventType,
};
use leptos::prelude::*;

use crate::{
    admin::form::Sent,
    i18n::Text,
    ui::{Alert, Check, Field, Tone},
};

/// Address, description and events of an endpoint that is there or is being made; one that is there can be switched
/// off.
#[component]
pub fn Fields(text: Text, held: Option<Endpoint>, sent: Sent) -> impl IntoView {
    let of = |get: fn(&Endpoint) -> String| held.as_ref().map(get).unwrap_or_default();
    let on = held.as_ref().map(|held| sent.checked_or("enabled", held.state.is_enabled()));
    let events = EventType::SUBSCRIBABLE
        .iter()
        .map(|event| {
            let name = event.as_str();
            let checked = if sent.is_empty() {
                held.as_ref().is_some_and(|held| held.events.contains(event))
            } else {
                sent.values.all("events").any(|value| value == name)
            };
            view! {
                <Check
                    name="events"
                    id=format!("event-{name}")
                    value=name
                    label=name
                    hint=Some(text.event(*event))
                    checked
                />
            }
        })
        .collect_view();
    view! {
        // In the summary of errors `url` is the product's.
        <Field
            name="endpoint"
            label=text.endpoint_url()
            hint=Some(text.endpoint_url_hint())
            value=sent.or("endpoint", of(|held| held.url.to_string()))
            error=sent.error("endpoint")
            inputmode="url"
            placeholder="https://app.example.com/webhooks"
            autocomplete="off"
        />
        <Field
            name="description"
            label=text.description()
            hint=Some(text.endpoint_description_hint())
            value=sent.or("description", of(|held| held.description.clone()))
            error=sent.error("description")
            maxlength=u16::try_from(MAX_DESCRIPTION).unwrap_or(u16::MAX)
            autocomplete="off"
        />
        <fieldset class="grid gap-2.5" id="events">
            <legend class="font-medium">{text.endpoint_events()}</legend>
            <p class="text-sm text-muted">{text.endpoint_events_hint()}</p>
            <div class="grid items-start gap-x-6 gap-y-2.5 pt-1 sm:grid-cols-2">{events}</div>
            {sent.error("events").map(|error| view! { <Alert tone=Tone::Bad>{error}</Alert> })}
        </fieldset>
        {on.map(|checked| view! {
            <Check name="enabled" label=text.endpoint_enabled() hint=Some(text.endpoint_enabled_hint()) checked/>
        })}
    }
}
