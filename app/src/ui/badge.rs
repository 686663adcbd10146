//! Small labels: a status is text, colour and icon.

use chrono::{DateTime, TimeDelta, Utc};
use domain::billing::{
    invoice, payment,
    subscription::{State, Subscription},
};
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
            let left = if days == 1 { text.status_trialing_day() } else { text.status_trialing_days(days) };
            (Tone::Note, Glyph::Clock, left)
        }
        (State::PastDue { .. }, _) => (Tone::Bad, Glyph::Alert, text.status_past_due()),
        (State::Incomplete, _) => (Tone::Warn, Glyph::Clock, text.status_incomplete()),
        (State::Paused { .. }, _) => (Tone::Plain, Glyph::Pause, text.status_paused()),
        (State::Canceled { .. }, _) => (Tone::Plain, Glyph::Cross, text.status_canceled()),
        (State::Expired { .. }, _) => (Tone::Plain, Glyph::Clock, text.status_expired()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

/// Where a payment stands.
#[component]
pub fn PaymentBadge(status: payment::Status, text: Text) -> impl IntoView {
    use payment::Status as S;
    let (tone, glyph) = match status {
        S::Pending => (Tone::Note, Glyph::Clock),
        S::Succeeded => (Tone::Good, Glyph::Check),
        S::PartiallyRefunded => (Tone::Warn, Glyph::ArrowLeft),
        S::Refunded => (Tone::Plain, Glyph::ArrowLeft),
        S::Failed => (Tone::Bad, Glyph::Cross),
        S::Expired => (Tone::Plain, Glyph::Clock),
        S::Differs | S::Disputed => (Tone::Bad, Glyph::Alert),
        S::ChargedBack => (Tone::Bad, Glyph::ArrowLeft),
    };
    view! { <Badge tone glyph=Some(glyph)>{payment_status(text, status)}</Badge> }
}

/// What a payment's status is called.
pub fn payment_status(text: Text, status: payment::Status) -> String {
    use payment::Status as S;
    match status {
        S::Pending => text.payment_pending(),
        S::Succeeded => text.payment_succeeded(),
        S::Differs => text.payment_differs(),
        S::PartiallyRefunded => text.payment_partially_refunded(),
        S::Refunded => text.payment_refunded(),
        S::Failed => text.payment_failed(),
        S::Expired => text.payment_expired(),
        S::Disputed => text.payment_disputed(),
        S::ChargedBack => text.payment_charged_back(),
    }
}

/// Where an invoice stands.
#[component]
pub fn InvoiceBadge(status: invoice::Status, text: Text) -> impl IntoView {
    use invoice::Status as S;
    let (tone, glyph, label) = match status {
        S::Open => (Tone::Warn, Glyph::Clock, text.invoice_open()),
        S::Paid => (Tone::Good, Glyph::Check, text.invoice_paid()),
        S::Void => (Tone::Plain, Glyph::Cross, text.invoice_void()),
        S::Uncollectible => (Tone::Bad, Glyph::Cross, text.invoice_uncollectible()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}
