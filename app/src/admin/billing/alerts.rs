//! `/dashboard/{slug}/alerts`: what waits for a person.

use domain::{billing::order::Difference, page::Page, webhook::delivery::DeliveryStatus};
use leptos::prelude::*;
use service::billing::{
    alerts::{AlertKind, Cause},
    lists::alerts::{Alert, Drifted, FailedNotification},
};

use super::settings::provider_name;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        list::{Chip, Chips, Pager, address},
        moment::moment,
    },
    i18n::Text,
    ui::{Button, ButtonLink, EmptyState, ErrorSummary, Glyph, Icon, Look},
};

/// The id of the form that resolves what is selected.
const SEVERAL: &str = "several";

/// Which alerts the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Open,
    Resolved,
    /// What the reconciler found, put right or not.
    Drift,
}

impl Shown {
    /// The value of the parameter `state`; anything else is the open ones.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Resolved => "resolved",
            Self::Drift => "drift",
        }
    }

    pub fn parse(text: &str) -> Self {
        [Self::Resolved, Self::Drift].into_iter().find(|shown| shown.as_str() == text).unwrap_or(Self::Open)
    }
}

#[component]
pub fn AlertsPage(
    frame: Frame,
    alerts: Page<Alert>,
    failed: Vec<FailedNotification>,
    shown: Shown,
    later: bool,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Alerts);
    let href = |shown: Shown, cursor: &str| address(&base, &[("state", shown.as_str()), ("cursor", cursor)]);
    let chips = [
        (text.alerts_show_open(), Shown::Open),
        (text.alerts_resolved(), Shown::Resolved),
        (text.alerts_drift(), Shown::Drift),
    ]
    .map(|(label, own)| Chip { label, href: href(own, ""), current: own == shown });
    let next = alerts.next_cursor.as_ref().map(|cursor| href(shown, cursor));
    let first = later.then(|| href(shown, ""));
    let several = alerts.items.iter().filter(|alert| alert.resolved_at.is_none()).count() > 1;
    let list = if alerts.items.is_empty() && (shown != Shown::Open || failed.is_empty()) {
        let (title, body) = match shown {
            Shown::Drift => (text.drift_none_title(), text.drift_none_body()),
            Shown::Open | Shown::Resolved => (text.alerts_none_title(), text.alerts_none_body()),
        };
        view! { <EmptyState glyph=Glyph::Check title body/> }.into_any()
    } else {
        let frame = frame.clone();
        let row = move |alert| view! { <Row frame=frame.clone() alert several/> };
        view! { <ul class="grid gap-4">{alerts.items.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        <Dashboard frame title=text.alerts_title() section=Section::Alerts>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Chips label=text.alerts_title() chips=chips.into()/>
            {(shown == Shown::Drift).then(|| view! { <Check text/> })}
            {list}
            {several.then(|| view! {
                <form method="post" id=SEVERAL>
                    <Button look=Look::Secondary attr:name=ACTION attr:value="resolve">{text.alerts_resolve_selected()}</Button>
                </form>
            })}
            <Pager text first next/>
            {(!failed.is_empty() && shown == Shown::Open).then(|| view! { <Failed text failed/> })}
        </Dashboard>
    }
}

/// Has the providers asked at once.
#[component]
fn Check(text: Text) -> impl IntoView {
    view! {
        <form method="post" class="flex flex-wrap items-center justify-between gap-3">
            <p class="min-w-0 flex-1 basis-80 text-sm text-muted">{text.drift_body()}</p>
            <Button look=Look::Secondary attr:name=ACTION attr:value="check">{text.check_now()}</Button>
        </form>
    }
}

#[component]
fn Row(
    frame: Frame,
    alert: Alert,
    /// It can be selected, to be resolved with others.
    several: bool,
) -> impl IntoView {
    let text = frame.text();
    let (title, todo) = match alert.kind {
        AlertKind::PaymentDiffers => (text.alert_payment_differs(), text.alert_payment_differs_do()),
        AlertKind::PaymentUnused => (text.alert_payment_unused(), text.alert_payment_unused_do()),
        AlertKind::CreditSpent => (text.alert_credit_spent(), text.alert_credit_spent_do()),
        AlertKind::RefundFailed => (text.alert_refund_failed(), text.alert_refund_failed_do()),
        AlertKind::Dispute => (text.alert_dispute(), text.alert_dispute_do()),
        AlertKind::Drift if alert.is_repaired() => (text.alert_drift(), text.alert_drift_repaired()),
        AlertKind::Drift => (text.alert_drift(), text.alert_drift_do()),
        AlertKind::WebhookFailed => (text.alert_webhook_failed(), text.alert_webhook_failed_do()),
    };
    let one = |section: Section, id: String| format!("{}/{id}", frame.href(section));
    let see = match (alert.kind, alert.drifted) {
        (AlertKind::Drift, Some(Drifted::Subscription(id))) => {
            Some((text.alert_see_subscription(), one(Section::Subscriptions, id.to_string())))
        }
        (AlertKind::Drift, Some(Drifted::Payment(id))) => {
            Some((text.alert_see_payment(), one(Section::Payments, id.to_string())))
        }
        (AlertKind::Drift, None) => None,
        (AlertKind::WebhookFailed, _) => {
            let deliveries = format!("{}/{}/deliveries", frame.href(Section::Webhooks), alert.subject);
            let failed = address(&deliveries, &[("status", DeliveryStatus::Failed.as_str())]);
            Some((text.alert_see_deliveries(), failed))
        }
        (
            AlertKind::PaymentDiffers
            | AlertKind::PaymentUnused
            | AlertKind::CreditSpent
            | AlertKind::RefundFailed
            | AlertKind::Dispute,
            _,
        ) => {
            let payments = address(&frame.href(Section::Payments), &[("q", &alert.subject)]);
            Some((text.alert_see_payment(), payments))
        }
    };
    // Of a dispute and of a refund the provider's own name is known: there somebody has to look.
    let detail = match alert.kind {
        AlertKind::Dispute | AlertKind::RefundFailed => format!("{}: {}", text.payment_reference(), alert.detail),
        _ => causes(text, &alert.detail),
    };
    let open = alert.resolved_at.is_none();
    let tone = if open { "text-bad" } else { "text-muted" };
    let select = (several && open).then(|| {
        view! {
            <input
                class="size-6 flex-none accent-brand"
                type="checkbox"
                form=SEVERAL
                name="alert"
                value=alert.id.to_string()
                aria-label=text.alert_select(&title, &alert.subject)
            />
        }
    });
    view! {
        <li class="card grid gap-4 p-5 sm:p-6">
            <div class="flex gap-3">
                {select}
                <Icon glyph=Glyph::Alert class=format!("mt-1 flex-none {tone}")/>
                <div class="grid min-w-0 gap-1">
                    <h2 class="font-semibold">{title}</h2>
                    <p class="text-sm text-muted">{todo}</p>
                    <p class="break-words text-sm">{detail}</p>
                    <p class="break-all text-sm text-muted">{text.alert_subject()}": "<code>{alert.subject.clone()}</code></p>
                    <p class="text-sm text-muted">{text.alert_raised(moment(text, alert.created_at))}</p>
                </div>
            </div>
            <div class="flex flex-wrap gap-3 empty:hidden">
                {see.map(|(label, href)| view! {
                    <ButtonLink href look=Look::Secondary small=true>{label}</ButtonLink>
                })}
                {open.then(|| view! {
                    <form method="post">
                        <input type="hidden" name="alert" value=alert.id.to_string()/>
                        <Button look=Look::Secondary small=true attr:name=ACTION attr:value="resolve">
                            <Icon glyph=Glyph::Check/>
                            {text.alert_resolve()}
                        </Button>
                    </form>
                })}
            </div>
        </li>
    }
}

/// The causes of an alert, in the reader's language where they are known.
fn causes(text: Text, detail: &str) -> String {
    let cause = |own: &str| Cause::parse(own).map_or_else(|| own.to_owned(), |cause| cause_text(text, cause));
    detail.split("; ").map(cause).collect::<Vec<_>>().join("; ")
}

fn cause_text(text: Text, cause: Cause) -> String {
    match cause {
        Cause::Differs(Difference::Mode) => text.cause_mode(),
        Cause::Differs(Difference::Order) => text.cause_order(),
        Cause::Differs(Difference::User) => text.cause_user(),
        Cause::Differs(Difference::Plan) => text.cause_plan(),
        Cause::Differs(Difference::Currency) => text.cause_currency(),
        Cause::Differs(Difference::Amount) => text.cause_amount(),
        Cause::NoAccess => text.cause_no_access(),
        Cause::OnceMore => text.cause_once_more(),
        Cause::NotHeld => text.cause_not_held(),
        Cause::CreditSpent => text.cause_credit_spent(),
        Cause::AnotherPrice => text.cause_another_price(),
        Cause::ChargeUnknown => text.cause_charge_unknown(),
        Cause::NoRenewal => text.cause_no_renewal(),
        Cause::BilledWhilePaused => text.cause_billed_while_paused(),
    }
}

#[component]
fn Failed(text: Text, failed: Vec<FailedNotification>) -> impl IntoView {
    view! {
        <Panel title=text.inbox_title() body=text.inbox_body()>
            <ul class="divide-y divide-line">
                {failed
                    .into_iter()
                    .map(|one| {
                        let next = one.next_at.map(|at| text.inbox_next(moment(text, at)));
                        let next = next.unwrap_or_else(|| text.inbox_given_up());
                        let received = text.inbox_received(moment(text, one.received_at));
                        let attempts = match one.attempts {
                            1 => text.inbox_one_attempt(),
                            attempts => text.inbox_attempts(attempts),
                        };
                        view! {
                            <li class="flex flex-wrap items-center justify-between gap-3 py-3">
                                <div class="grid min-w-0 gap-0.5 text-sm">
                                    <p class="break-all font-medium">
                                        {provider_name(text, one.provider)}" "<code>{one.event_id}</code>
                                    </p>
                                    <p class="break-words">{one.error}</p>
                                    <p class="text-muted">{received}", "{attempts}", "{next}</p>
                                </div>
                                <form method="post">
                                    <input type="hidden" name="notification" value=one.id.to_string()/>
                                    <Button look=Look::Secondary small=true attr:name=ACTION attr:value="retry">
                                        {text.inbox_retry()}
                                    </Button>
                                </form>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </Panel>
    }
}
