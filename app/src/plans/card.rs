//! One plan as a card: what it is called, what it costs, what is in it.

use domain::{
    Currency, Money,
    billing::{plan::Plan, price::Interval},
};
use leptos::prelude::*;

use super::{FeatureList, Shown};
use crate::{
    i18n::Text,
    ui::{Badge, Glyph, Tone},
};

/// A plan's card. With a `control` (a radio button) a click anywhere on the card chooses it.
#[component]
pub fn PlanCard(
    plan: Plan,
    text: Text,
    /// The cycles that the page offers; the card carries a price for each, and the page shows one.
    cycles: Vec<Interval>,
    /// The plan that the visitor has, or gets without choosing.
    #[prop(optional)]
    current: bool,
    /// Prices tell of their trials: a provider bills, and the visitor can still have one.
    #[prop(optional)]
    trials: bool,
    /// Of the other plans on the page: in it a free plan costs nothing, where its name says "Free" already.
    #[prop(default = None)]
    currency: Option<Currency>,
    /// Nobody knows yet what it will cost.
    #[prop(optional)]
    unpriced: bool,
    /// The input that chooses the plan; its id is `plan-KEY`.
    #[prop(optional, into)]
    control: ViewFn,
) -> impl IntoView {
    let id = format!("plan-{}", plan.key);
    let (about, badge) = (format!("{id}-about"), format!("{id}-current"));
    let description = plan.description.to_string();
    let plan = if trials { plan } else { without_trials(plan) };
    let prices = if unpriced { vec![unknown_price(text)] } else { price_blocks(&plan, text, &cycles, currency) };
    view! {
        <div class="plan card relative grid min-w-0 content-start gap-4 p-6 wrap-anywhere">
            <div class="flex items-start justify-between gap-3">
                <div class="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
                    <h2 class="min-w-0 text-lg font-semibold leading-snug">
                        <label for=id class="after:absolute after:inset-0 after:rounded-[inherit]" dir="auto">
                            {plan.name.to_string()}
                        </label>
                    </h2>
                    {current.then(|| view! {
                        <span id=badge>
                            <Badge tone=Tone::Note glyph=Some(Glyph::Check)>{text.current()}</Badge>
                        </span>
                    })}
                </div>
                {control.run()}
            </div>
            <div id=about class="grid gap-4">
                {prices}
                {(!description.is_empty()).then(|| view! { <p class="text-pretty text-muted" dir="auto">{description}</p> })}
                <FeatureList features=plan.features.into_map() text/>
            </div>
        </div>
    }
}

/// The plan as it is for somebody who can have no trial.
fn without_trials(mut plan: Plan) -> Plan {
    for price in &mut plan.prices {
        price.trial_days = None;
    }
    plan
}

/// One block for all cycles where they agree, else one for each.
fn price_blocks(plan: &Plan, text: Text, cycles: &[Interval], currency: Option<Currency>) -> Vec<AnyView> {
    let of = |cycle| Shown::of(plan, cycle, text.locale());
    let first = of(cycles.first().copied().unwrap_or_default());
    let block = |shown: Option<Shown>, cycle| match shown.filter(|shown| !shown.figure.is_zero()) {
        Some(shown) => price_block(shown, text, cycle, cycles),
        None => free_block(free(plan.name.as_str(), text, currency), cycle),
    };
    if cycles.iter().all(|cycle| of(*cycle) == first) {
        return vec![block(first, None)];
    }
    cycles.iter().map(|cycle| block(of(*cycle), Some(*cycle))).collect()
}

fn unknown_price(text: Text) -> AnyView {
    view! {
        <p class="price">
            <span class="text-3xl font-semibold tracking-tight text-muted" aria-hidden="true">"…"</span>
            <span class="sr-only">{text.no_price_yet()}</span>
        </p>
    }
    .into_any()
}

/// How a plan without a price says so: `Free`, or `$0` where it is called that already; nothing where no currency is
/// known.
fn free(name: &str, text: Text, currency: Option<Currency>) -> Option<String> {
    if name.trim().to_lowercase() != text.free().to_lowercase() {
        return Some(text.free());
    }
    let nothing = text.money(Money::new(0, currency?).ok()?);
    Some(nothing.split(['.', ',']).next().unwrap_or_default().to_owned())
}

fn free_block(said: Option<String>, cycle: Option<Interval>) -> AnyView {
    let for_cycle = cycle.map(Interval::as_str);
    said.map(|said| {
        view! {
            <p class="price" data-for=for_cycle><span class="text-3xl font-semibold tracking-tight">{said}</span></p>
        }
    })
    .into_any()
}

/// The block for one cycle, or for all of `cycles`.
fn price_block(shown: Shown, text: Text, cycle: Option<Interval>, cycles: &[Interval]) -> AnyView {
    let for_cycle = cycle.map(Interval::as_str);
    let per = match shown.interval {
        Interval::Month | Interval::Year => text.per_month(),
        Interval::OneTime => text.paid_once(),
    };
    let told_in = cycles.iter().filter(|own| cycle.is_none_or(|cycle| cycle == **own) && shown.is_monthly_in(**own));
    let monthly = told_in
        .map(|own| view! { <p class="price text-sm text-muted" data-for=own.as_str()>{text.billed_monthly()}</p> })
        .collect::<Vec<_>>();
    let trial = shown.trial_days.map(|days| match days {
        1 => text.free_trial_day(),
        days => text.free_trial_days(days),
    });
    view! {
        <div class="price grid gap-1" data-for=for_cycle>
            <p class="flex flex-wrap items-baseline gap-x-1.5">
                <span class="text-3xl font-semibold tabular-nums tracking-tight">{text.money(shown.figure)}</span>
                <span class="text-muted">{per}</span>
            </p>
            {shown.year.map(|year| view! {
                <p class="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted">
                    <span class="tabular-nums">{text.total_per_year(text.money(year))}</span>
                    {shown.saving.map(|percent| view! { <Badge tone=Tone::Good>{text.save_percent(percent)}</Badge> })}
                </p>
            })}
            {monthly}
            {trial.map(|trial| view! {
                <p class="pt-3"><Badge tone=Tone::Good glyph=Some(Glyph::Clock)>{trial}</Badge></p>
            })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::Locale;

    use super::*;

    #[test]
    fn a_card_says_free_once() {
        let said = |name, locale, code: &str| free(name, Text(locale), Currency::parse(code).ok());
        assert_eq!(said("Starter", Locale::En, "USD").as_deref(), Some("Free"));
        assert_eq!(said("Free", Locale::En, "USD").as_deref(), Some("$0"));
        assert_eq!(said("Free", Locale::Id, "IDR").as_deref(), Some("Gratis"));
        assert_eq!(said("gratis", Locale::Id, "IDR").as_deref(), Some("Rp\u{a0}0"));
        assert_eq!(said("FREE", Locale::En, ""), None);
    }
}
