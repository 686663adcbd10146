//! What was shown to somebody before they paid, line by line.

use domain::billing::quote::{LineKind, Quote, QuoteKind};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use crate::i18n::Text;

/// What somebody bought.
pub fn purchase(text: Text, kind: QuoteKind) -> String {
    match kind {
        QuoteKind::New => text.purchase_new(),
        QuoteKind::Trial => text.purchase_trial(),
        QuoteKind::OneTime => text.purchase_one_time(),
        QuoteKind::Free => text.purchase_free(),
        QuoteKind::Upgrade => text.purchase_upgrade(),
        QuoteKind::Downgrade => text.purchase_downgrade(),
        QuoteKind::Renewal => text.purchase_renewal(),
    }
}

/// The lines of a quote, what is due, and what follows.
#[component]
pub fn Sum(text: Text, quote: Quote, entry: std::sync::Arc<ApplicationEntry>) -> impl IntoView {
    let lines = quote
        .lines
        .iter()
        .map(|line| {
            let label = match line.kind {
                LineKind::Plan => entry.plan_name(line.plan_id),
                LineKind::RemainingTime => text.line_remaining(entry.plan_name(line.plan_id)),
                LineKind::UnusedTime => text.line_unused(entry.plan_name(line.plan_id)),
                LineKind::Discount => text.coupon_discount(),
                LineKind::Credit => text.line_credit(),
            };
            let over = line.period.map(|period| text.order_covers(text.date(period.start), text.date(period.end)));
            let amount = line.amount.format(text.locale());
            view! {
                <div class="flex items-baseline justify-between gap-4">
                    <dt class="min-w-0">
                        {label}
                        {over.map(|over| view! { <span class="block text-sm text-muted">{over}</span> })}
                    </dt>
                    <dd class="shrink-0 whitespace-nowrap tabular-nums">{amount}</dd>
                </div>
            }
        })
        .collect_view();
    let next = quote.next.map(|(at, money)| text.order_next(text.money(money), text.date(at)));
    let credit = (!quote.credit_added.is_zero()).then(|| text.order_credit(text.money(quote.credit_added)));
    view! {
        <dl class="grid gap-2">
            {lines}
            <div class="mt-1 flex items-baseline justify-between gap-4 border-t border-line pt-3 font-semibold">
                <dt>{text.order_due()}</dt>
                <dd class="shrink-0 whitespace-nowrap tabular-nums">{text.money(quote.due)}</dd>
            </div>
        </dl>
        {credit.map(|credit| view! { <p class="text-sm text-muted">{credit}</p> })}
        {next.map(|next| view! { <p class="text-sm text-muted">{next}</p> })}
    }
}
