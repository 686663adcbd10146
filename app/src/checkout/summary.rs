//! The sums of an order, as a list that ends in what is due.

use domain::{Money, Timestamp, billing::price::Interval};
use leptos::prelude::*;

use crate::{
    i18n::Text,
    ui::{Badge, Glyph, SumLine, SumLines, Tone},
};

/// What is paid now, and what later.
#[derive(Clone, Debug)]
pub struct Summary {
    pub plan: String,
    pub description: String,
    pub lines: Vec<SumLine>,
    pub due: Money,
    pub interval: Interval,
    /// The next charge.
    pub next: Option<(Timestamp, Money)>,
    pub trial_ends: Option<Timestamp>,
    /// No real money moves.
    pub is_test: bool,
    /// The number of the invoice that is paid.
    pub invoice: Option<String>,
}

impl Summary {
    /// What the button says.
    pub fn button(&self, text: Text) -> String {
        if self.due.is_zero() && self.trial_ends.is_some() {
            text.start_trial()
        } else {
            text.pay_amount(text.money(self.due))
        }
    }

    pub fn title(&self, text: Text) -> String {
        match (&self.invoice, self.interval) {
            (Some(number), _) => text.invoice_title(number),
            (None, Interval::OneTime) => text.checkout_once_title(&self.plan),
            (None, Interval::Month | Interval::Year) => text.checkout_title(&self.plan),
        }
    }

    /// What happens after today, in one or two sentences.
    fn later(&self, text: Text) -> Vec<String> {
        match (self.trial_ends, self.next) {
            (Some(end), Some((_, money))) => vec![text.trial_sentence(text.date(end), text.money(money))],
            (_, Some((date, money))) => {
                let renews = match self.interval {
                    Interval::Year => text.renews_yearly(),
                    Interval::Month | Interval::OneTime => text.renews_monthly(),
                };
                vec![text.then_on(text.money(money), text.date(date)), renews]
            }
            (_, None) => vec![text.paid_only_once()],
        }
    }
}

/// The lines, the sum that is due, and what follows.
#[component]
pub fn SummaryCard(summary: Summary, text: Text) -> impl IntoView {
    let later = summary.later(text).into_iter().map(|line| view! { <p>{line}</p> }).collect::<Vec<_>>();
    view! {
        <div class="grid gap-4">
            {summary.is_test.then(|| view! {
                <p><Badge tone=Tone::Warn glyph=Some(Glyph::Info)>{text.sandbox_test_mode()}</Badge></p>
            })}
            <dl class="grid gap-2">
                <SumLines lines=summary.lines/>
                <div class="mt-2 flex items-baseline justify-between gap-4 border-t border-line pt-3 text-lg font-semibold">
                    <dt>{text.due_today()}</dt>
                    <dd class="shrink-0 whitespace-nowrap tabular-nums">{text.money(summary.due)}</dd>
                </div>
            </dl>
            <div class="grid gap-1 text-sm text-muted">{later}</div>
        </div>
    }
}
