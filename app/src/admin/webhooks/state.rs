//! How an endpoint stands, and what became of a delivery.

use domain::webhook::{
    delivery::{Attempt, DeliveryStatus},
    endpoint::{DisabledBy, EndpointState},
};
use leptos::prelude::*;

use crate::{
    i18n::Text,
    ui::{Badge, Glyph, Tone},
};

/// Whether an endpoint is told of events.
#[component]
pub fn EndpointBadge(text: Text, state: EndpointState) -> impl IntoView {
    let (tone, glyph, label) = match state {
        EndpointState::Enabled => (Tone::Good, Glyph::Check, text.endpoint_on()),
        EndpointState::Disabled { cause: DisabledBy::Admin, .. } => (Tone::Plain, Glyph::Pause, text.endpoint_off()),
        EndpointState::Disabled { cause: DisabledBy::Gone, .. } => (Tone::Bad, Glyph::Alert, text.endpoint_gone()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

/// What became of a delivery.
#[component]
pub fn DeliveryBadge(text: Text, status: DeliveryStatus) -> impl IntoView {
    let (tone, glyph) = match status {
        DeliveryStatus::Waiting => (Tone::Note, Glyph::Clock),
        DeliveryStatus::Delivered => (Tone::Good, Glyph::Check),
        DeliveryStatus::Failed => (Tone::Bad, Glyph::Cross),
    };
    view! { <Badge tone glyph=Some(glyph)>{status_label(text, status)}</Badge> }
}

/// The name of a status, in lists and filters.
pub fn status_label(text: Text, status: DeliveryStatus) -> String {
    match status {
        DeliveryStatus::Waiting => text.delivery_waiting(),
        DeliveryStatus::Delivered => text.delivery_delivered(),
        DeliveryStatus::Failed => text.delivery_failed(),
    }
}

/// What the last attempt brought, in a word: the status of HTTP, or that nothing was answered.
pub fn outcome(text: Text, last: Option<&Attempt>) -> String {
    match last {
        None => text.delivery_untried(),
        Some(Attempt { status: Some(status), .. }) => format!("HTTP {status}"),
        Some(Attempt { status: None, .. }) => text.delivery_unanswered(),
    }
}
