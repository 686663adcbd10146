//! What somebody has: plan, price, standing, and what comes next.

use domain::{
    Money, Timestamp,
    billing::{
        plan::Plan,
        price::Price,
        subscription::{State, Subscription},
    },
};
use leptos::prelude::*;

use super::offers::price_in_words;
use crate::{
    i18n::Text,
    plans::FeatureList,
    ui::{Alert, Button, Look, StatusBadge, Tone},
};

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Charge {
        at: Timestamp,
        money: Money,
    },
    /// The first one, when the trial ends.
    FirstCharge {
        at: Timestamp,
        money: Money,
    },
    /// As [`Next::Charge`], where no payment method is kept: it is paid by a link.
    Invoice {
        at: Timestamp,
        money: Money,
    },
    /// As [`Next::FirstCharge`], by a link.
    FirstInvoice {
        at: Timestamp,
        money: Money,
    },
    TrialEnds {
        at: Timestamp,
    },
    Ends {
        at: Timestamp,
    },
}

/// A change of plan that waits and can be undone.
#[derive(Clone, Debug)]
pub struct Pending {
    pub plan: String,
    pub price: Option<Price>,
    pub at: Timestamp,
}

/// The plan that is held.
#[derive(Clone, Debug)]
pub struct Held {
    pub subscription: Subscription,
    pub plan: Plan,
    pub price: Option<Price>,
    pub next: Option<Next>,
    pub pending: Option<Pending>,
    /// A provider bills it, or did: money and dates mean something.
    pub is_billed: bool,
}

/// A button in a form of its own, which posts `act` to the portal. `of` is the application.
#[component]
pub(super) fn Act(act: &'static str, of: String, label: String, #[prop(optional)] look: Look) -> impl IntoView {
    view! {
        <form method="post" action=domain::route::PORTAL>
            <input type="hidden" name="of" value=of/>
            <input type="hidden" name="act" value=act/>
            <Button look small=true>{label}</Button>
        </form>
    }
}

/// The card of what is held, with what waits to happen to it.
#[component]
pub(super) fn CurrentPlan(held: Held, of: String, now: Timestamp, text: Text) -> impl IntoView {
    let Held { subscription, plan, price, next, pending, is_billed } = held;
    let name = plan.name.to_string();
    let description = plan.description.to_string();
    let words = (is_billed || price.is_some()).then(|| price_in_words(price.as_ref(), text));
    view! {
        <section class="card grid gap-5 p-6 sm:p-8" aria-labelledby="current">
            <div class="grid gap-2">
                <p class="text-sm text-muted">{text.current_plan()}</p>
                <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                    <h2 id="current" class="min-w-0 text-2xl font-semibold tracking-tight wrap-anywhere">{name.clone()}</h2>
                    <StatusBadge subscription=subscription.clone() text now/>
                </div>
                {words.map(|words| view! { <p class="text-lg tabular-nums">{words}</p> })}
                {(!description.is_empty()).then(|| view! { <p class="text-pretty text-muted">{description}</p> })}
            </div>
            {next.map(|next| view! { <Upcoming next text/> })}
            {waiting(&subscription, &name, pending, of, text)}
            <FeatureList features=plan.features.into_map() text/>
        </section>
    }
}

#[component]
fn Upcoming(next: Next, text: Text) -> impl IntoView {
    let by_link = matches!(next, Next::Invoice { .. } | Next::FirstInvoice { .. });
    let (label, at, money) = match next {
        Next::Charge { at, money } => (text.next_charge(), at, Some(money)),
        Next::FirstCharge { at, money } => (text.first_charge(), at, Some(money)),
        Next::Invoice { at, money } => (text.next_invoice(), at, Some(money)),
        Next::FirstInvoice { at, money } => (text.first_invoice(), at, Some(money)),
        Next::TrialEnds { at } => (text.trial_ends_on(), at, None),
        Next::Ends { at } => (text.ends_on(), at, None),
    };
    view! {
        <dl class="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 rounded-box bg-sunken px-4 py-3">
            <dt class="text-muted">{label}</dt>
            <dd class="flex flex-wrap gap-x-3 font-semibold tabular-nums">
                <span>{text.date(at)}</span>
                {money.map(|money| view! { <span>{text.money(money)}</span> })}
            </dd>
            {by_link.then(|| view! { <dd class="basis-full text-sm text-muted">{text.invoice_by_link()}</dd> })}
        </dl>
    }
}

/// The box of what waits: a cancellation, a pause, a change; each with the way back.
fn waiting(
    subscription: &Subscription,
    name: &str,
    pending: Option<Pending>,
    of: String,
    text: Text,
) -> Option<impl IntoView + use<>> {
    let (tone, title, body, act, label) = match (subscription.state, subscription.cancel_at, pending) {
        (State::Paused { .. }, ..) => {
            (Tone::Note, text.paused_title(name), text.paused_body(), "resume", text.resume())
        }
        (_, Some(at), _) => {
            (Tone::Warn, text.canceled_title(name, text.date(at)), text.canceled_body(), "undo", text.resume())
        }
        (_, None, Some(change)) => {
            let title = text.pending_change_title(&change.plan, text.date(change.at));
            let body = match change.price.filter(|price| !price.money.is_zero()) {
                Some(price) => text.pending_change_then(name, text.date(change.at), price_in_words(Some(&price), text)),
                None => text.pending_change_body(name, text.date(change.at)),
            };
            (Tone::Note, title, body, "undo", text.undo())
        }
        (_, None, None) => return None,
    };
    Some(view! {
        <Alert tone>
            <div class="grid gap-3">
                <div>
                    <p class="font-semibold">{title}</p>
                    <p>{body}</p>
                </div>
                <Act act of label look=Look::Secondary/>
            </div>
        </Alert>
    })
}
