//! What the ledger says, as people read it.

use domain::{
    billing::ledger::{Action, Actor, Entry},
    id::UserId,
    page::Page,
};
use leptos::prelude::*;

use super::{frame::Panel, moment::moment};
use crate::i18n::Text;

/// Entries of the ledger, newest first.
#[component]
pub fn History(text: Text, history: Page<Entry>, #[prop(optional, into)] title: Option<String>) -> impl IntoView {
    let title = title.unwrap_or_else(|| text.history());
    let more = history.next_cursor.is_some();
    view! {
        <Panel title>
            <Entries text entries=history.items none=text.history_none()/>
            {more.then(|| view! { <p class="text-sm text-muted">{text.history_more()}</p> })}
        </Panel>
    }
}

/// The entries alone; `none` says that there are none.
#[component]
pub fn Entries(text: Text, entries: Vec<Entry>, none: String) -> impl IntoView {
    if entries.is_empty() {
        return view! { <p class="text-muted">{none}</p> }.into_any();
    }
    view! {
        <ol class="divide-y divide-line text-sm">
            {entries
                .into_iter()
                .map(|entry| {
                    let who = actor(text, entry.actor, entry.user_id);
                    view! {
                        <li class="grid gap-x-4 gap-y-0.5 py-2.5 sm:grid-cols-[minmax(0,1fr)_auto]">
                            <p class="min-w-0">
                                <span class="font-medium">{did(text, entry.action)}</span>
                                " "
                                <span class="text-muted">{text.by_actor(who)}</span>
                                {entry.reason.map(|reason| view! { <span class="block break-words text-muted">{reason}</span> })}
                            </p>
                            <time class="text-muted" datetime=entry.at.to_rfc3339()>{moment(text, entry.at)}</time>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
    .into_any()
}

fn actor(text: Text, actor: Actor, about: Option<UserId>) -> String {
    match actor {
        Actor::Anonymous => text.actor_anonymous(),
        Actor::User(id) if Some(id) == about => text.actor_self(),
        Actor::User(_) => text.role_admin(),
        Actor::ApiKey(_) => text.actor_key(),
        Actor::Client(_) => text.actor_client(),
        Actor::Operator => text.actor_operator(),
        Actor::System => text.actor_system(),
    }
}

/// What was done; what has nothing to do with money by its name.
fn did(text: Text, action: Action) -> String {
    use Action as A;
    match action {
        A::SubscriptionCreated => text.did_subscription_created(),
        A::SubscriptionUpdated => text.did_subscription_updated(),
        A::SubscriptionCanceled => text.did_subscription_canceled(),
        A::SubscriptionExpired => text.did_subscription_expired(),
        A::SubscriptionScheduled => text.did_subscription_scheduled(),
        A::SubscriptionUnscheduled => text.did_subscription_unscheduled(),
        A::SubscriptionRenewed => text.did_subscription_renewed(),
        A::SubscriptionPastDue => text.did_subscription_past_due(),
        A::SubscriptionRecovered => text.did_subscription_recovered(),
        A::SubscriptionPaused => text.did_subscription_paused(),
        A::SubscriptionResumed => text.did_subscription_resumed(),
        A::TrialExtended => text.did_trial_extended(),
        A::OrderCreated => text.did_order_created(),
        A::OrderUpdated => text.did_order_updated(),
        A::OrderPending => text.did_order_pending(),
        A::OrderPaid => text.did_order_paid(),
        A::OrderPaidLate => text.did_order_paid_late(),
        A::OrderFailed => text.did_order_failed(),
        A::OrderExpired => text.did_order_expired(),
        A::OrderCanceled => text.did_order_canceled(),
        A::InvoiceCreated => text.did_invoice_created(),
        A::InvoiceAttempted => text.did_invoice_attempted(),
        A::InvoiceAttemptFailed => text.did_invoice_attempt_failed(),
        A::InvoicePaid => text.did_invoice_paid(),
        A::InvoiceVoided => text.did_invoice_voided(),
        A::InvoiceGivenUp => text.did_invoice_given_up(),
        A::InvoiceReminded => text.did_invoice_reminded(),
        A::InvoiceMoved => text.did_invoice_moved(),
        A::InvoiceReleased => text.did_invoice_released(),
        A::PaymentCreated => text.did_payment_created(),
        A::PaymentUpdated => text.did_payment_updated(),
        A::PaymentAttached => text.did_payment_attached(),
        A::PaymentForgotten => text.did_payment_forgotten(),
        A::PaymentSettled => text.did_payment_settled(),
        A::PaymentFailed => text.did_payment_failed(),
        A::PaymentExpired => text.did_payment_expired(),
        A::PaymentRefunded => text.did_payment_refunded(),
        A::PaymentDisputed => text.did_payment_disputed(),
        A::PaymentDisputeWon => text.did_payment_dispute_won(),
        A::PaymentChargedBack => text.did_payment_charged_back(),
        A::MethodSaved => text.did_method_saved(),
        A::MethodRemoved => text.did_method_removed(),
        A::CouponRedeemed => text.did_coupon_redeemed(),
        A::CouponReleased => text.did_coupon_released(),
        A::CreditAdded => text.did_credit_added(),
        A::CreditUsed => text.did_credit_used(),
        A::AlertRaised => text.did_alert_raised(),
        A::AlertResolved => text.did_alert_resolved(),
        A::ClockAdvanced => text.did_clock_advanced(),
        A::DriftRepaired => text.did_drift_repaired(),
        A::PlanSelected => text.did_plan_selected(),
        other => other.as_str().to_owned(),
    }
}
