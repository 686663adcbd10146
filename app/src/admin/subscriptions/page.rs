//! `/dashboard/{slug}/subscriptions/{id}`: one subscription, its changes, invoices and history.

use std::sync::Arc;

use domain::{
    Timestamp,
    billing::{
        invoice::Invoice,
        ledger::Entry,
        plan::Plan,
        price::Price,
        quote::{Quote, Seen},
        subscription::State,
    },
    page::Page,
};
use leptos::prelude::*;
use service::{billing::lists::subscriptions::ListedSubscription, directory::ApplicationEntry};

use super::{
    actions::Actions,
    invoices::Invoices,
    list::{next_charge, price_label},
};
use crate::{
    admin::{
        billing::settings::provider_name,
        coupons::list::{lasts, takes},
        form::Sent,
        frame::{Copyable, Dashboard, Frame, Pair, Pairs, Panel, Section},
        history::History,
        moment::moment,
    },
    i18n::Text,
    ui::{Alert, ErrorSummary, StatusBadge, Tone},
};

/// A change that was looked at and not made yet.
#[derive(Clone, Debug)]
pub struct Preview {
    pub plan: Arc<Plan>,
    pub price: Option<Price>,
    pub quote: Quote,
    /// What is agreed to by going on.
    pub agreed: Seen,
}

/// What the page shows besides the subscription itself.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What renewals are charged to.
    pub method: Option<String>,
    pub invoices: Vec<Invoice>,
    pub history: Page<Entry>,
    pub preview: Option<Preview>,
    /// Where the user pays for a change that was made here.
    pub pay_link: Option<String>,
}

#[component]
pub fn SubscriptionPage(
    frame: Frame,
    entry: Arc<ApplicationEntry>,
    listed: ListedSubscription,
    around: Surroundings,
    now: Timestamp,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let title = text.subscription_of(listed.user.display_name());
    let user = format!("{}/{}", frame.href(Section::Users), listed.user.id);
    let link = around.pay_link.clone().map(|link| {
        view! {
            <Alert tone=Tone::Note>
                <p class="font-semibold">{text.pay_link_title()}</p>
                <p>{text.pay_link_body()}</p>
                <div class="mt-2"><Copyable text label=text.pay_link() value=link/></div>
            </Alert>
        }
    });
    view! {
        <Dashboard frame title section=Section::Subscriptions>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {link}
            <div class="grid items-start gap-6 xl:grid-cols-2">
                <div class="grid gap-6">
                    <Facts text entry=entry.clone() listed=listed.clone() method=around.method now user=user.clone()/>
                    <Invoices text invoices=around.invoices sent=sent.clone()/>
                </div>
                <Actions text entry listed now user preview=around.preview sent/>
            </div>
            <History text history=around.history/>
        </Dashboard>
    }
}

#[component]
fn Facts(
    text: Text,
    entry: Arc<ApplicationEntry>,
    listed: ListedSubscription,
    method: Option<String>,
    now: Timestamp,
    user: String,
) -> impl IntoView {
    let held = listed.subscription;
    let charge = next_charge(&entry, &held, now);
    let charge = charge.map(|(at, money)| text.next_charge_of(text.money(money), text.date(at)));
    let until = match held.state {
        State::Trialing { ends_at } => Some(text.desk_trial_ends_on(moment(text, ends_at))),
        State::PastDue { grace_until, .. } => Some(text.grace_ends_on(moment(text, grace_until))),
        _ => None,
    };
    let ends = held.cancel_at.or(held.expires_at).map(|at| text.desk_ends_on(moment(text, at)));
    // What follows a trial is scheduled as well, and no change of plan.
    let trial = matches!(held.state, State::Trialing { .. });
    let changed = held.scheduled.filter(|change| !trial || change.plan_id != held.plan_id);
    let changes = changed.map(|change| text.changes_to(entry.plan_name(change.plan_id), text.date(change.at)));
    let discount = listed.discount.as_ref();
    let discount = discount.map(|own| format!("{}, {}", takes(text, own.off), lasts(text, own.remaining)));
    let rows = vec![
        held.period.map(|period| (text.period(), text.period_of(moment(text, period.start), moment(text, period.end)))),
        Some((text.desk_next_charge(), charge.unwrap_or_else(|| text.no_next_charge()))),
        discount.map(|discount| (text.discount_left(), discount)),
        method.map(|method| (text.desk_payment_method(), method)),
        listed.provider.map(|provider| (text.payment_provider(), provider_name(text, provider))),
        Some((text.started(), moment(text, held.started_at))),
    ];
    let notes: Vec<_> = [until, ends, changes].into_iter().flatten().collect();
    view! {
        <Panel title=entry.plan_name(held.plan_id)>
            <div class="grid gap-1.5">
                <p class="flex flex-wrap items-center gap-3">
                    <span class="font-medium tabular-nums">{price_label(text, entry.billed_price(&held))}</span>
                    <StatusBadge subscription=held.clone() text now/>
                </p>
                {notes.into_iter().map(|note| view! { <p class="text-sm text-muted">{note}</p> }).collect_view()}
            </div>
            <Pairs rows>
                <Pair name=text.user()>
                    <dd class="min-w-0 break-words">
                        <a class="font-medium text-link underline-offset-2 hover:underline" href=user dir="auto">
                            {listed.user.display_name().to_owned()}
                        </a>
                    </dd>
                </Pair>
            </Pairs>
            <Copyable text label=text.subscription_id() value=held.id.to_string()/>
            {listed.reference.map(|reference| view! { <Copyable text label=text.payment_reference() value=reference/> })}
        </Panel>
    }
}
