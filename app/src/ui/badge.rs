//! Small labels: a status is text, colour and icon.

use chrono::{DateTime, TimeDelta, Utc};
use domain::billing::subscription::{State, Subscription};
use leptos::prelude::*;

use super::{Glyph, Icon, Tone};
use crate::i18n::Text;

/// A small label.
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(default = None)] glyph: Option<Glyph>,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("badge {} {class}", tone.class())>
            {glyph.map(|glyph| view! { <Icon glyph/> })}
            {children()}
        </span>
    }
}

/// Where a subscription stands at `now`.
#[component]
pub fn StatusBadge(subscription: Subscription, text: Text, now: DateTime<Utc>) -> impl IntoView {
    let cancel_at = subscription.cancel_at;
    let settled = subscription.settle(now);
    let (tone, glyph, label) = match (settled.state, cancel_at) {
        (State::Active | State::Trialing { .. }, Some(at)) => {
            (Tone::Warn, Glyph::Clock, text.status_cancels(text.date(at)))
        }
        (State::Active, None) => (Tone::Good, Glyph::Check, text.status_active()),
        (State::Trialing { ends_at }, None) => {
            // A day that has begun counts.
            let days = (ends_at - now + TimeDelta::days(1) - TimeDelta::milliseconds(1)).num_days();
            (Tone::Note, Glyph::Clock, text.status_trialing_days(days))
        }
        (State::PastDue { .. }, _) => (Tone::Bad, Glyph::Alert, text.status_past_due()),
        (State::Incomplete, _) => (Tone::Warn, Glyph::Clock, text.status_incomplete()),
        (State::Paused { .. }, _) => (Tone::Plain, Glyph::Pause, text.status_paused()),
        (State::Canceled { .. }, _) => (Tone::Plain, Glyph::Cross, text.status_canceled()),
        (State::Expired { .. }, _) => (Tone::Plain, Glyph::Clock, text.status_expired()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}
