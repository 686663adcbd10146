//! `/dashboard/{slug}/payments/{id}`: one payment with everything that became of it, and its refund.

use domain::{
    billing::{
        invoice::Invoice,
        ledger::Entry,
        payment::{Mode, State},
    },
    page::Page,
};
use leptos::prelude::*;
use service::billing::lists::payments::ListedPayment;

use super::sum::{Sum, purchase};
use crate::{
    admin::{
        billing::settings::provider_name,
        form::{ACTION, Sent},
        frame::{Copyable, Dashboard, Frame, Pair, Pairs, Panel, Section},
        history::History,
        moment::moment,
        reason::ReasonField,
    },
    i18n::Text,
    ui::{Confirm, ErrorSummary, Field, PaymentBadge},
};

#[component]
pub fn PaymentPage(
    frame: Frame,
    listed: ListedPayment,
    invoice: Option<Invoice>,
    history: Page<Entry>,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let title = text.payment_of(text.money(listed.payment.amount));
    let quote = listed.quote.clone();
    let quote = frame.current.clone().map(|entry| {
        view! {
            <Panel title=text.order_title()>
                <p class="text-sm text-muted">{purchase(text, quote.kind)}</p>
                <Sum text quote entry/>
            </Panel>
        }
    });
    view! {
        <Dashboard frame=frame.clone() title section=Section::Payments>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <div class="grid items-start gap-6 xl:grid-cols-2">
                <Facts frame listed=listed.clone() invoice/>
                <div class="grid gap-6">
                    {quote}
                    <Refund text listed sent=sent.of("refund")/>
                </div>
            </div>
            <History text history/>
        </Dashboard>
    }
}

#[component]
fn Facts(frame: Frame, listed: ListedPayment, invoice: Option<Invoice>) -> impl IntoView {
    let text = frame.text();
    let payment = listed.payment;
    let state = payment.state();
    let since = match state {
        State::Pending => None,
        State::Succeeded { at }
        | State::Differs { at, .. }
        | State::PartiallyRefunded { at, .. }
        | State::Refunded { at }
        | State::Failed { at }
        | State::Expired { at }
        | State::Disputed { at }
        | State::ChargedBack { at } => Some(text.payment_state_since(moment(text, at))),
    };
    let received = match state {
        State::Differs { received, .. } => Some(text.money(received)),
        _ => None,
    };
    let back = Some(payment.refunded()).filter(|back| !back.is_zero()).map(|back| text.money(back));
    let user = (listed.user.display_name().to_owned(), format!("{}/{}", frame.href(Section::Users), listed.user.id));
    let method = if listed.method.is_empty() { text.payment_unknown_method() } else { listed.method.clone() };
    let mut provider = provider_name(text, listed.provider);
    if listed.mode == Mode::Test {
        provider = format!("{provider} ({})", text.payment_test());
    }
    let rows = vec![
        Some((text.payment_created(), moment(text, listed.created_at))),
        payment.settled_at().map(|at| (text.payment_settled(), moment(text, at))),
        received.map(|money| (text.payment_received(), money)),
        back.map(|money| (text.payment_given_back(), money)),
        Some((text.desk_payment_method(), method)),
        Some((text.payment_provider(), provider)),
        invoice.map(|invoice| (text.payment_invoice(), invoice.number.to_string())),
    ];
    let ids = [
        Some((text.payment_id(), payment.id.to_string())),
        listed.order.map(|id| (text.payment_order(), id.to_string())),
        Some((text.payment_reference(), listed.reference)),
    ];
    let metadata = listed.metadata.filter(|metadata| !metadata.is_empty());
    let metadata = metadata.map(|metadata| serde_json::to_string_pretty(&metadata).unwrap_or_default());
    view! {
        <Panel title=text.payment()>
            <p class="flex flex-wrap items-center gap-3">
                <span class="text-2xl font-semibold tabular-nums">{text.money(payment.amount)}</span>
                <PaymentBadge text status=state.status()/>
                {since.map(|since| view! { <span class="text-sm text-muted">{since}</span> })}
            </p>
            <Pairs rows>
                <Pair name=text.user()>
                    <dd><a class="font-medium text-link underline-offset-2 hover:underline" href=user.1>{user.0}</a></dd>
                </Pair>
            </Pairs>
            {ids
                .into_iter()
                .flatten()
                .map(|(label, value)| view! { <Copyable text label value/> })
                .collect_view()}
            {metadata.map(|json| view! {
                <div class="grid gap-1">
                    <p class="text-sm text-muted">{text.payment_metadata()}</p>
                    <pre class="overflow-x-auto rounded-box bg-sunken p-4 text-sm leading-relaxed" tabindex="0"><code>{json}</code></pre>
                </div>
            })}
        </Panel>
    }
}

/// Whole, or in part.
#[component]
fn Refund(text: Text, listed: ListedPayment, sent: Sent) -> impl IntoView {
    let left = listed.payment.refundable();
    if left.is_zero() {
        return view! { <Panel title=text.refund_title()><p class="text-muted">{text.refund_none()}</p></Panel> }
            .into_any();
    }
    let left = text.money(left);
    let open = !sent.is_empty();
    view! {
        <Panel title=text.refund_title() body=text.refund_body(&left)>
            // The fields are inside: the key Enter presses the first button of a form, seen or not.
            <Confirm label=text.refund() effect=text.refund_effect() id="refund-effect" open>
                <input type="hidden" name=ACTION value="refund"/>
                // What had gone back when this page was made: a form that is sent twice refunds once.
                <input type="hidden" name="refunded" value=listed.payment.refunded().amount().to_string()/>
                <div class="fields sm:grid-cols-2">
                    <Field
                        name="refund"
                        label=text.refund_amount()
                        hint=Some(text.refund_amount_hint(&left))
                        value=sent.or("refund", "")
                        error=sent.error("refund")
                        inputmode="decimal"
                        autocomplete="off"
                    />
                    <ReasonField text sent/>
                </div>
            </Confirm>
        </Panel>
    }
    .into_any()
}
