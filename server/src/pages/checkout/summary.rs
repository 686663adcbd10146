//! What is to be paid, line by line.

use app::{checkout::Summary, ui::SumLine};
use domain::billing::{
    payment::Mode,
    price::{Interval, Price},
    quote::{Line, LineKind, Quote},
};
use service::directory::ApplicationEntry;

use crate::pages::asked::Asked;

/// What is to be paid.
pub(in crate::pages) struct Bill<'a> {
    pub quote: &'a Quote,
    pub mode: Option<Mode>,
    /// The code of the coupon that takes something off.
    pub coupon: Option<&'a str>,
    /// The number of the invoice that the quote is of.
    pub invoice: Option<String>,
}

/// It as a page shows it; `None` when the plan is gone.
pub(in crate::pages) fn summary(asked: &Asked, entry: &ApplicationEntry, bill: Bill<'_>) -> Option<Summary> {
    let Bill { quote, mode, coupon, invoice } = bill;
    let plan = entry.plan(quote.plan_id)?;
    let price = plan.prices.iter().find(|price| Some(price.id) == quote.price_id);
    Some(Summary {
        plan: plan.name.to_string(),
        description: plan.description.to_string(),
        lines: lines(asked, entry, price, quote, coupon),
        due: quote.due,
        interval: price.map_or(Interval::OneTime, |price| price.interval),
        next: quote.next,
        trial_ends: quote.trial_ends,
        is_test: mode == Some(Mode::Test),
        invoice,
    })
}

fn lines(
    asked: &Asked,
    entry: &ApplicationEntry,
    price: Option<&Price>,
    quote: &Quote,
    coupon: Option<&str>,
) -> Vec<SumLine> {
    let text = asked.visit.text();
    let trial = price.and_then(|price| price.trial_days).filter(|_| quote.trial_ends.is_some());
    let trial = trial.map(|days| SumLine {
        label: if days == 1 { text.line_trial_day() } else { text.line_trial_days(days) },
        amount: text.money(quote.due),
    });
    let line = |line: &Line| SumLine {
        label: match line.kind {
            LineKind::Plan | LineKind::RemainingTime => text.line_plan(entry.plan_name(line.plan_id)),
            LineKind::UnusedTime => text.line_unused(entry.plan_name(line.plan_id)),
            LineKind::Discount => text.line_discount(coupon.unwrap_or_default()),
            LineKind::Credit => text.line_credit(),
        },
        amount: line.amount.format(text.locale()),
    };
    quote.lines.iter().map(line).chain(trial).collect()
}
