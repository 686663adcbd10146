//! The invoices of a subscription. Open ones can be marked as paid.

use domain::billing::invoice::{Invoice, State};
use leptos::prelude::*;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::Panel,
        reason::ReasonField,
    },
    i18n::Text,
    ui::{Button, InvoiceBadge, Look},
};

#[component]
pub fn Invoices(text: Text, invoices: Vec<Invoice>, sent: Sent) -> impl IntoView {
    let list = if invoices.is_empty() {
        view! { <p class="text-muted">{text.invoices_none()}</p> }.into_any()
    } else {
        view! {
            <ul class="divide-y divide-line">
                {invoices.into_iter().map(|invoice| view! { <Row text invoice sent=sent.clone()/> }).collect_view()}
            </ul>
        }
        .into_any()
    };
    view! { <Panel title=text.invoices() id="invoices">{list}</Panel> }
}

#[component]
fn Row(text: Text, invoice: Invoice, sent: Sent) -> impl IntoView {
    let when = match invoice.state {
        State::Open { .. } if invoice.attempts.in_flight() => text.invoice_charged(),
        State::Open { due_at } => text.invoice_due(text.date(due_at)),
        State::Paid { at } | State::Void { at } | State::Uncollectible { at } => text.invoice_on(text.date(at)),
    };
    let open = matches!(invoice.state, State::Open { .. });
    let id = invoice.id.to_string();
    let again = sent.values.get("invoice") == id;
    let sent = if again { sent } else { Sent::default() };
    let field = format!("reason-{id}");
    view! {
        <li class="grid gap-3 py-3">
            <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
                <p class="min-w-0">
                    <span class="font-medium">{invoice.number.to_string()}</span>
                    <span class="block text-sm text-muted">
                        {text.period_of(text.date(invoice.period.start), text.date(invoice.period.end))}
                    </span>
                </p>
                <p class="flex flex-wrap items-center gap-3">
                    <span class="tabular-nums">{text.money(invoice.quote.due)}</span>
                    <InvoiceBadge text status=invoice.state.status()/>
                    <span class="text-sm text-muted">{when}</span>
                </p>
            </div>
            {open.then(|| view! {
                <form method="post" class="flex flex-wrap items-end gap-3" novalidate>
                    <input type="hidden" name="invoice" value=id/>
                    <div class="min-w-0 flex-1 basis-52">
                        <ReasonField text sent id=field hint=text.mark_paid_hint()/>
                    </div>
                    <Button look=Look::Secondary small=true attr:name=ACTION attr:value="mark_paid">{text.mark_paid()}</Button>
                </form>
            })}
        </li>
    }
}
