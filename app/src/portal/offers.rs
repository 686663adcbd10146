//! The plans that somebody can change to, each with its prices.

use domain::{
    billing::{
        plan::Plan,
        price::{Interval, Price},
        rank::Direction,
    },
    id::PriceId,
    route,
};
use leptos::prelude::*;

use super::ChangePlan;
use crate::{
    i18n::Text,
    plans::FeatureList,
    ui::{Badge, Glyph, Tone},
};

/// A plan with what it can be had for.
#[derive(Clone, Debug)]
pub struct Offer {
    pub plan: Plan,
    /// Each with where it leads, seen from what is held.
    pub prices: Vec<(Option<Price>, Way)>,
}

/// Where a price of a plan leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is what is held.
    Held,
    /// A change to it waits already.
    Planned,
    To(Direction),
}

/// What a price is, in words.
pub(super) fn price_in_words(price: Option<&Price>, text: Text) -> String {
    match price.filter(|price| !price.money.is_zero()) {
        None => text.free(),
        Some(price) => {
            let money = text.money(price.money);
            match price.interval {
                Interval::Month => text.price_monthly(money),
                Interval::Year => text.price_yearly(money),
                Interval::OneTime => text.price_once(money),
            }
        }
    }
}

/// The list. `has_plan`: there is something to compare with.
#[component]
pub(super) fn Offers(offers: Vec<Offer>, has_plan: bool, text: Text) -> impl IntoView {
    let items = offers.into_iter().map(|offer| view! { <OfferCard offer has_plan text/> }).collect::<Vec<_>>();
    view! { <ul class="grid gap-4">{items}</ul> }
}

#[component]
fn OfferCard(offer: Offer, has_plan: bool, text: Text) -> impl IntoView {
    let Offer { plan, prices } = offer;
    let description = plan.description.to_string();
    let name = plan.name.to_string();
    let is_current = prices.iter().any(|(_, way)| has_plan && *way == Way::Held);
    let rows = prices.into_iter().map(|(price, way)| {
        let words = price_in_words(price.as_ref(), text);
        let way = match way {
            Way::To(direction) => {
                let (label, is_upgrade) = match (has_plan, direction) {
                    (false, _) => (text.choose(), true),
                    (true, Direction::Upgrade) => (text.upgrade(), true),
                    (true, Direction::Downgrade) => (text.downgrade(), false),
                    (true, Direction::Same) => (text.switch_plan(), false),
                };
                let id = price.map(|price| price.id);
                let (href, aria) = (address(&plan, id), text.change_to(&label, &plan.name, &words));
                let plan = plan.key.clone();
                view! { <ChangePlan text plan price=id label name=aria href is_upgrade/> }.into_any()
            }
            Way::Held => marked(Glyph::Check, text.current()),
            Way::Planned => marked(Glyph::Clock, text.planned()),
        };
        view! {
            <li class="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-3 border-t border-line py-3">
                <span class="min-w-0 font-medium tabular-nums">{words}</span>
                {way}
            </li>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    view! {
        <li class="card grid min-w-0 gap-4 px-6 pt-5 pb-2 wrap-anywhere" data-plan=plan.key.to_string()>
            <div class="grid gap-2">
                <h3 class="text-lg font-semibold leading-snug">{name}</h3>
                {(!description.is_empty()).then(|| view! { <p class="text-pretty text-muted">{description}</p> })}
                {(!is_current).then(|| view! { <FeatureList features=plan.features.into_map() text/> })}
            </div>
            <ul class="grid">{rows}</ul>
        </li>
    }
}

/// What stands where a button would.
fn marked(glyph: Glyph, label: String) -> AnyView {
    view! {
        <span class="justify-self-end">
            <Badge tone=Tone::Note glyph=Some(glyph)>{label}</Badge>
        </span>
    }
    .into_any()
}

/// The page of a change.
fn address(plan: &Plan, price: Option<PriceId>) -> String {
    let price = price.map(|id| format!("&price={id}")).unwrap_or_default();
    format!("{}?plan={}{price}", route::PORTAL_CHANGE, plan.key)
}
