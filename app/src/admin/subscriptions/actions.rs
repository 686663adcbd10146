//! What an admin can do with a subscription that is billed: small forms, each with its effect.

use std::sync::Arc;

use domain::{
    Timestamp,
    billing::{
        quote::QuoteKind,
        subscription::{Fixed, State, Subscription},
    },
};
use leptos::prelude::*;
use service::{billing::lists::subscriptions::ListedSubscription, directory::ApplicationEntry};

use super::{list::price_label, page::Preview};
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::Panel,
        payments::sum::{Sum, purchase},
        reason::ReasonField,
    },
    i18n::Text,
    ui::{Button, ButtonLink, Confirm, ConfirmButton, Field, Labelled, Look},
};

#[component]
pub fn Actions(
    text: Text,
    entry: Arc<ApplicationEntry>,
    listed: ListedSubscription,
    now: Timestamp,
    user: String,
    preview: Option<Preview>,
    sent: Sent,
) -> impl IntoView {
    let held = listed.subscription.settle(now);
    if held.state.is_final() || !held.is_billed() {
        let why = if held.state.is_final() { text.manage_ended() } else { text.manage_not_billed() };
        return view! {
            <Panel title=text.manage_subscription()>
                <p class="text-muted">{why}</p>
                <div><ButtonLink href=user look=Look::Secondary small=true>{text.see_user()}</ButtonLink></div>
            </Panel>
        }
        .into_any();
    }
    let paused = matches!(held.state, State::Paused { .. });
    let trial = matches!(held.state, State::Trialing { .. });
    let scheduled = held.scheduled.is_some() && !trial;
    let undo = held.cancel_at.is_some() || scheduled;
    let active = matches!(held.state, State::Active);
    let simple = [
        undo.then(|| (text.desk_undo(), text.undo_body(), "undo", Look::Secondary)),
        paused.then(|| (text.desk_resume(), text.resume_body(), "resume", Look::Secondary)),
        (active && held.period.is_some() && held.cancel_at.is_none())
            .then(|| (text.pause(), text.pause_body(), "pause", Look::Secondary)),
    ];
    view! {
        <div class="grid gap-6">
            <Change text entry held=held.clone() preview sent=sent.of("preview")/>
            <Panel title=text.manage_subscription()>
                {simple
                    .into_iter()
                    .flatten()
                    .map(|(label, body, action, look)| view! {
                        <form method="post" class="flex flex-wrap items-center justify-between gap-3 border-b border-line pb-4">
                            <p class="min-w-0 flex-1 basis-52 text-sm text-muted">{body}</p>
                            <Button look small=true attr:name=ACTION attr:value=action>{label}</Button>
                        </form>
                    })
                    .collect_view()}
                {trial.then(|| view! { <Extend text sent=sent.of("extend")/> })}
                <Cancel text held sent/>
            </Panel>
        </div>
    }
    .into_any()
}

#[component]
fn Extend(text: Text, sent: Sent) -> impl IntoView {
    view! {
        <form method="post" class="flex flex-wrap items-end gap-3 border-b border-line pb-4" novalidate>
            <div class="min-w-0 flex-1 basis-72">
                <Field
                    name="until"
                    kind="datetime-local"
                    label=text.trial_until()
                    hint=Some(text.trial_until_hint())
                    value=sent.or("until", "")
                    error=sent.error("until")
                />
            </div>
            <Button look=Look::Secondary attr:name=ACTION attr:value="extend">{text.extend_trial()}</Button>
        </form>
    }
}

#[component]
fn Cancel(text: Text, held: Subscription, sent: Sent) -> impl IntoView {
    let end = match held.state {
        State::Trialing { ends_at } => Some(ends_at),
        State::Active | State::Paused { .. } => held.period.map(|period| period.end),
        _ => None,
    };
    let at_end = end.map_or_else(|| text.cancel_at_once_body(), |end| text.cancel_at_end_body(text.date(end)));
    let sent = if matches!(sent.action.as_str(), "cancel" | "cancel_now") { sent } else { Sent::default() };
    let (label, effect, id) = (text.cancel_now(), text.cancel_now_body(), "cancel-now");
    if held.cancel_at.is_some() {
        // The field is inside: the key Enter presses the first button of a form, seen or not.
        let open = !sent.is_empty();
        return view! {
            <Confirm label effect id small=true open>
                <input type="hidden" name=ACTION value="cancel_now"/>
                <ReasonField text sent/>
            </Confirm>
        }
        .into_any();
    }
    view! {
        <form method="post" class="grid gap-4" novalidate>
            <ReasonField text sent/>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <p class="min-w-0 flex-1 basis-52 text-sm text-muted">{at_end}</p>
                <Button look=Look::Secondary small=true attr:name=ACTION attr:value="cancel">{text.cancel_at_end()}</Button>
            </div>
            <ConfirmButton label effect id name=ACTION value="cancel_now"/>
        </form>
    }
    .into_any()
}

/// Chooses a plan, shows what it costs, and only then changes. What is paused goes on first.
#[component]
fn Change(
    text: Text,
    entry: Arc<ApplicationEntry>,
    held: Subscription,
    preview: Option<Preview>,
    sent: Sent,
) -> impl IntoView {
    if held.fixed() == Some(Fixed::Paused) {
        return view! {
            <Panel title=text.desk_change_plan() id="change"><p class="text-muted">{text.change_paused()}</p></Panel>
        }
        .into_any();
    }
    let chosen = preview.as_ref().map(|preview| {
        let price = preview.price.as_ref().map(|price| price.id.to_string()).unwrap_or_default();
        format!("{}/{price}", preview.plan.key)
    });
    let mut options = Vec::new();
    for plan in entry.plans_on_offer() {
        let prices: Vec<_> = plan.current_prices().collect();
        if prices.is_empty() {
            options.push((format!("{}/", plan.key), plan.name.to_string()));
        }
        for price in prices {
            let own = plan.id == held.plan_id && Some(price.id) == held.price_id;
            if !own {
                let label = format!("{}: {}", plan.name, price_label(text, Some(price)));
                options.push((format!("{}/{}", plan.key, price.id), label));
            }
        }
    }
    if options.is_empty() {
        return ().into_any();
    }
    view! {
        <Panel title=text.desk_change_plan() id="change">
            <form method="get" class="flex flex-wrap items-end gap-3">
                <div class="min-w-0 flex-1 basis-52">
                    <Labelled id="to" label=text.change_plan_to() error=sent.error("plan")>
                        <select class="input" id="to" name="to">
                            {options
                                .into_iter()
                                .map(|(value, label)| {
                                    let selected = chosen.as_ref() == Some(&value);
                                    view! { <option value=value selected=selected>{label}</option> }
                                })
                                .collect_view()}
                        </select>
                    </Labelled>
                </div>
                <Button look=Look::Secondary>{text.look_first()}</Button>
            </form>
            {preview.map(|preview| view! { <ConfirmChange text entry preview/> })}
        </Panel>
    }
    .into_any()
}

#[component]
fn ConfirmChange(text: Text, entry: Arc<ApplicationEntry>, preview: Preview) -> impl IntoView {
    let quote = preview.quote;
    let later = quote.scheduled.filter(|_| quote.kind == QuoteKind::Downgrade);
    let when = later.map_or_else(|| text.preview_now(), |change| text.preview_later(text.date(change.at)));
    let pay = (!quote.needs_no_checkout()).then(|| text.preview_must_pay(text.money(quote.due)));
    let price = preview.price.as_ref().map(|price| price.id.to_string()).unwrap_or_default();
    view! {
        <form method="post" class="grid gap-4 border-t border-line pt-4">
            <div>
                <h3 class="font-medium">{text.desk_preview_title(&preview.plan.name)}</h3>
                <p class="text-sm text-muted">{purchase(text, quote.kind)}</p>
            </div>
            <Sum text quote entry/>
            <p class="text-sm">{when}</p>
            {pay.map(|pay| view! { <p class="text-sm">{pay}</p> })}
            <input type="hidden" name="plan" value=preview.plan.key.to_string()/>
            <input type="hidden" name="price" value=price/>
            <input type="hidden" name="agreed" value=preview.agreed.to_string()/>
            <div><Button attr:name=ACTION attr:value="change">{text.confirm_change()}</Button></div>
        </form>
    }
}
