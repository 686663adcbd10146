//! What was asked for and paid, newest first.

use domain::{
    Money, Timestamp,
    billing::{invoice, payment},
    route,
};
use leptos::prelude::*;

use super::invoice::Dues;
use crate::{
    i18n::Text,
    ui::{Badge, ButtonLink, Glyph, Look, Tone},
};

/// Where it stands: an invoice until something more is known of its payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Invoice(invoice::Status),
    Payment(payment::Status),
}

/// One line of the history.
#[derive(Clone, Debug)]
pub struct Entry {
    pub at: Timestamp,
    /// The plan.
    pub what: String,
    /// `Visa •••• 4242`; empty while nobody knows.
    pub method: String,
    pub amount: Money,
    pub mark: Mark,
    pub dues: Dues,
    /// The invoice's number, where there is one.
    pub number: Option<String>,
}

impl Entry {
    /// Somebody owes it, and can pay it now.
    pub fn is_owed(&self) -> bool {
        self.mark == Mark::Invoice(invoice::Status::Open) && self.dues == Dues::Open
    }
}

/// The address of an invoice.
pub(super) fn invoice_address(number: &str) -> String {
    format!("{}/{number}", route::PORTAL_INVOICES)
}

/// A status as text, colour and icon.
pub(super) fn badge(mark: Mark, text: Text) -> impl IntoView {
    use payment::Status as P;
    let (tone, glyph, label) = match mark {
        Mark::Invoice(invoice::Status::Open) => (Tone::Warn, Glyph::Clock, text.invoice_open()),
        Mark::Invoice(invoice::Status::Paid) | Mark::Payment(P::Succeeded) => {
            (Tone::Good, Glyph::Check, text.payment_paid())
        }
        Mark::Invoice(invoice::Status::Void) => (Tone::Plain, Glyph::Cross, text.invoice_void()),
        Mark::Invoice(invoice::Status::Uncollectible) => (Tone::Bad, Glyph::Alert, text.invoice_uncollectible()),
        Mark::Payment(P::Pending) => (Tone::Note, Glyph::Clock, text.payment_pending()),
        Mark::Payment(P::Differs) => (Tone::Warn, Glyph::Info, text.payment_differs()),
        Mark::Payment(P::PartiallyRefunded) => (Tone::Note, Glyph::ArrowLeft, text.payment_partly_refunded()),
        Mark::Payment(P::Refunded) => (Tone::Plain, Glyph::ArrowLeft, text.payment_refunded()),
        Mark::Payment(P::Failed) => (Tone::Bad, Glyph::Alert, text.payment_failed()),
        Mark::Payment(P::Expired) => (Tone::Plain, Glyph::Clock, text.payment_expired()),
        Mark::Payment(P::Disputed) => (Tone::Warn, Glyph::Alert, text.payment_disputed()),
        Mark::Payment(P::ChargedBack) => (Tone::Bad, Glyph::ArrowLeft, text.payment_charged_back()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

#[component]
pub(super) fn History(entries: Vec<Entry>, text: Text) -> impl IntoView {
    if entries.is_empty() {
        return view! { <p class="text-muted">{text.no_payments()}</p> }.into_any();
    }
    let rows = entries.into_iter().map(|entry| row(entry, text)).collect::<Vec<_>>();
    view! { <ul class="card divide-y divide-line" id="history">{rows}</ul> }.into_any()
}

/// One line where there is room; on a phone, three short ones.
fn row(entry: Entry, text: Text) -> impl IntoView {
    let owed = entry.is_owed();
    let link = entry.number.map(|number| {
        let href = invoice_address(&number);
        if owed {
            view! { <ButtonLink href look=Look::Primary small=true>{text.pay_now()}</ButtonLink> }.into_any()
        } else {
            view! { <a href=href class="inline-block whitespace-nowrap py-1 text-link underline underline-offset-4">{number}</a> }
                .into_any()
        }
    });
    view! {
        <li class="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 px-6 py-3 sm:grid-cols-[2fr_1fr_1fr_minmax(max-content,1fr)]">
            <div class="min-w-0 wrap-anywhere">
                <p class="font-medium">{entry.what}</p>
                <p class="text-sm text-muted">
                    {text.date(entry.at)}
                    {(!entry.method.is_empty()).then(|| format!(" \u{b7} {}", entry.method))}
                </p>
                {(entry.dues == Dues::Charging).then(|| view! {
                    <p class="text-sm text-muted">{text.bill_charged_title()}</p>
                })}
            </div>
            <p class="text-right tabular-nums sm:text-left">{text.money(entry.amount)}</p>
            <p>{badge(entry.mark, text)}</p>
            <p class="text-right">{link}</p>
        </li>
    }
}
