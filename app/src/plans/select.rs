//! The plan selection page.

use domain::billing::{
    plan::{Plan, PlanKey},
    price::Interval,
    subscription::Fixed,
};
use leptos::prelude::*;

use super::{CycleSwitch, PlanCard, cycle::CycleOption, cycles, saving, shown};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted, Width},
    look::Product,
    shell::{Islands, Visit},
    ui::{Alert, Button, ErrorSummary, Look, Tone},
};

/// What the page offers to this visitor.
#[derive(Clone, Debug)]
pub struct Offer {
    pub plans: Vec<Plan>,
    /// The name and key of the plan that they have, or of the default plan; it need not be on offer.
    pub current: Option<(PlanKey, String)>,
    /// Chosen from the start.
    pub preselected: Option<PlanKey>,
    /// The cycle that the address asks for.
    pub cycle: Option<Interval>,
    /// They can still have a trial, where a price has one.
    pub trials: bool,
    /// Why they can only keep the plan that they have.
    pub fixed: Option<Fixed>,
}

/// Cards side by side, up to four; more as a list. One form: the plan, the cycle, and the prices that were shown. `action`
/// is the page's own address, with what waits behind it as its query.
#[component]
pub fn SelectPage(visit: Visit, product: Product, action: String, offer: Offer, form: FormState) -> impl IntoView {
    let text = visit.text();
    let locale = text.locale();
    let Offer { plans, current, preselected, cycle, trials, fixed } = offer;
    let offered = cycles(&plans);
    let cycle = cycle.filter(|cycle| offered.contains(cycle)).or_else(|| offered.first().copied()).unwrap_or_default();
    let options: Vec<_> = offered
        .iter()
        .map(|cycle| CycleOption {
            cycle: *cycle,
            href: format!("{action}&cycle={}", cycle.as_str()),
            saving: (*cycle == Interval::Year).then(|| most_saved(&plans, locale)).flatten(),
        })
        .collect();
    let switch = options.len() > 1;
    let islands = if switch { Islands::OnTouch } else { Islands::None };
    let grid = match plans.len() {
        1 => "mx-auto w-full max-w-sm",
        2 => "mx-auto w-full max-w-3xl md:grid-cols-2",
        3 => "md:grid-cols-3",
        4 => "sm:grid-cols-2 xl:grid-cols-4",
        _ => "mx-auto w-full max-w-2xl",
    };
    let prices: Vec<String> = plans
        .iter()
        .flat_map(|plan| offered.iter().filter_map(move |cycle| shown(plan, *cycle, locale)))
        .map(|price| price.id.to_string())
        .collect();
    let currency = plans.iter().find_map(|plan| shown(plan, cycle, locale)).map(|price| price.money.currency());
    let cards = plans
        .into_iter()
        .map(|plan| {
            let key = plan.key.to_string();
            let checked = preselected.as_ref() == Some(&plan.key);
            let is_current = current.as_ref().is_some_and(|(key, _)| *key == plan.key);
            let described = match is_current {
                true => format!("plan-{key}-current plan-{key}-about"),
                false => format!("plan-{key}-about"),
            };
            let control = move || {
                view! {
                    <input
                        type="radio"
                        class="relative z-10 mt-1 size-5 flex-none accent-brand"
                        name="plan"
                        id=format!("plan-{key}")
                        value=key.clone()
                        required
                        checked=checked
                        disabled=fixed.is_some() && !is_current
                        aria-describedby=described.clone()
                    />
                }
            };
            view! { <PlanCard plan text cycles=offered.clone() currency current=is_current trials control/> }
        })
        .collect::<Vec<_>>();
    let keep = match &current {
        Some((_, name)) => text.keep_plan(name),
        None => text.skip(),
    };
    let held = current.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default();
    let why = fixed.map(|fixed| match fixed {
        Fixed::Assigned => (text.cannot_change_title(), text.cannot_change_body(&product.name)),
        Fixed::Paused => (text.paused_title(held), text.paused_change_body(&product.name)),
    });
    let title = text.choose_plan();
    view! {
        <Hosted visit product=product.clone() title=title.clone() width=Width::Wide islands>
            <div class="text-center">
                <Heading title body=text.choose_plan_body(&product.name)/>
            </div>
            <div class="mx-auto grid w-full max-w-2xl gap-4 empty:hidden">
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                {why.map(|(title, body)| view! {
                    <Alert tone=Tone::Note>
                        <p class="font-semibold">{title}</p>
                        <p>{body}</p>
                    </Alert>
                })}
            </div>
            <form method="post" action=action.clone() data-cycle=cycle.as_str() class="grid gap-6" id="plan">
                {switch.then(|| view! { <CycleSwitch text chosen=cycle options/> })}
                {prices.into_iter().map(|id| view! { <input type="hidden" name="price" value=id/> }).collect::<Vec<_>>()}
                <fieldset class="min-w-0">
                    <legend class="sr-only">{text.plans_legend()}</legend>
                    <div class=format!("grid gap-4 {grid}")>{cards}</div>
                </fieldset>
                <div class="sticky bottom-0 -mx-4 z-20 border-t border-line bg-page px-4 py-3 sm:static sm:z-auto sm:border-0 sm:bg-transparent sm:py-0">
                    <Button class="mx-auto flex w-full max-w-sm">{text.continue_()}</Button>
                </div>
            </form>
            <form method="post" action=action class="-mt-4 grid justify-items-center">
                <input type="hidden" name="keep" value="true"/>
                <Button look=Look::Quiet>{keep}</Button>
            </form>
        </Hosted>
    }
}

fn most_saved(plans: &[Plan], locale: domain::Locale) -> Option<i64> {
    let yearly = |plan| shown(plan, Interval::Year, locale).filter(|price| price.interval == Interval::Year);
    plans.iter().filter_map(|plan| saving(plan, yearly(plan)?)).max()
}
