//! What a change means, put into words.

use domain::{
    Timestamp,
    billing::{
        plan::{Plan, PlanKey},
        quote::{Line, LineKind, Quote, QuoteKind},
        subscription::Subscription,
    },
};
use service::{directory::ApplicationEntry, portal::Terms};

use super::{Preview, difference};
use crate::{i18n::Text, ui::SumLine};

/// Another plan for somebody.
pub struct Change<'a> {
    pub application: &'a ApplicationEntry,
    pub held: Option<&'a Subscription>,
    pub plan: &'a PlanKey,
    pub terms: Terms,
}

impl Preview {
    /// The preview of a change, worked out at `now`. `None` when the plan is gone.
    pub fn of(change: Change<'_>, now: Timestamp, text: Text) -> Option<Self> {
        let Change { application: entry, held, plan, terms } = change;
        let plan = entry.plan_by_key(plan.as_str())?;
        let current = held.and_then(|held| entry.plan(held.plan_id));
        let none = serde_json::Map::new();
        let before = current.map_or(&none, |current| current.features.map());
        let (gained, lost) = difference::between(before, plan.features.map(), text);
        let title = match current {
            Some(_) => text.preview_title(&plan.name),
            None => text.preview_choose_title(&plan.name),
        };
        let (lines, due, sentences, button, price) = match &terms {
            Terms::Granted => (vec![], None, vec![text.money_free()], text.change_now(), None),
            Terms::Quoted(quote) => {
                let lines =
                    quote.lines.iter().map(|line| sum_line(line, entry.plan_name(line.plan_id), text)).collect();
                let due = (!quote.lines.is_empty()).then(|| text.money(quote.due));
                let sentences = sentences(quote, plan, current.map(|plan| &**plan), text);
                (lines, due, sentences, button(quote, text), quote.price_id)
            }
        };
        Some(Self {
            plan: plan.key.clone(),
            price,
            title,
            gained,
            lost,
            lines,
            due,
            sentences,
            button,
            digest: terms.digest(),
            at: now.timestamp_millis(),
            of: entry.application.id.to_string(),
        })
    }
}

fn sum_line(line: &Line, name: String, text: Text) -> SumLine {
    let label = match line.kind {
        LineKind::Plan | LineKind::RemainingTime => text.line_plan(name),
        LineKind::UnusedTime => text.line_unused(name),
        LineKind::Discount => text.line_discount("").trim().to_owned(),
        LineKind::Credit => text.line_credit(),
    };
    SumLine { label, amount: line.amount.format(text.locale()) }
}

/// Everything about the money, and nothing twice.
fn sentences(quote: &Quote, plan: &Plan, current: Option<&Plan>, text: Text) -> Vec<String> {
    let due = text.money(quote.due);
    let next = quote.next.map(|(at, money)| (text.date(at), text.money(money)));
    let current = current.map(|current| current.name.to_string()).unwrap_or_default();
    let first = match (quote.kind, next) {
        (QuoteKind::Trial, Some((date, next))) => text.money_trial(date, next),
        (QuoteKind::Downgrade, next) => match (quote.scheduled, next) {
            (Some(change), Some((_, next))) => text.money_later(current, text.date(change.at), &plan.name, next),
            (Some(change), None) => text.money_later_free(current, text.date(change.at), &plan.name),
            (None, _) => text.money_nothing(),
        },
        (QuoteKind::Free, _) => text.money_free(),
        (QuoteKind::OneTime, _) if !quote.due.is_zero() => text.money_once(due),
        (_, Some((date, next))) if quote.due.is_zero() => text.money_nothing_then(next, date),
        (QuoteKind::Upgrade, Some((date, next))) if goes_on(quote) => text.money_rest_then(due, next, date),
        (_, Some((date, next))) => text.money_now_then(due, next, date),
        (_, None) if quote.due.is_zero() => text.money_nothing(),
        (_, None) => text.money_once(due),
    };
    let credits = [Some(quote.credit_added), quote.foreign_credit].into_iter().flatten();
    let credits = credits.filter(|money| !money.is_zero()).map(|money| text.money_credit(text.money(money)));
    std::iter::once(first).chain(credits).collect()
}

/// The running period is kept, and what is due is for the rest of it.
fn goes_on(quote: &Quote) -> bool {
    quote.lines.iter().any(|line| line.kind == LineKind::RemainingTime)
}

fn button(quote: &Quote, text: Text) -> String {
    match (quote.needs_no_checkout(), quote.scheduled) {
        _ if quote.kind == QuoteKind::Trial => text.start_trial(),
        (true, Some(change)) => text.change_on(text.date(change.at)),
        (true, None) => text.change_now(),
        (false, _) => text.continue_to_payment(),
    }
}
