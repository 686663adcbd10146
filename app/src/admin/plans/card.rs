//! The hosted card and the token, as a plan draft would make them.

use domain::{
    Currency, Locale, Timestamp,
    billing::{
        plan::{Plan, PlanKey, PlanName},
        price::{Interval, Price},
    },
    text::{Description, slugify},
};
use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    admin::{claims, draft::PlanDraft, rows},
    i18n::Text,
    plans::{PlanCard, cycles},
};

/// A plan without anything, for drafts of new plans.
///
/// # Errors
/// Never: the name is short enough in every language.
pub fn blank(text: Text) -> Result<Plan, domain::Flaw> {
    Ok(Plan {
        id: Uuid::nil().into(),
        application_id: Uuid::nil().into(),
        key: PlanKey::parse("plan")?,
        name: PlanName::parse(&text.preview_nameless())?,
        description: Description::default(),
        features: Default::default(),
        is_default: false,
        is_listed: true,
        position: 0,
        stripe_product_id: None,
        archived_at: None,
        version: 0,
        prices: Vec::new(),
        created_at: Timestamp::UNIX_EPOCH,
    })
}

/// `base` with what the draft changes of it; what cannot be read stays, and features stay as they were drawn before.
pub fn draw(base: &Plan, draft: &PlanDraft, before: Option<&Plan>, locale: Locale) -> Plan {
    let made = slugify(&draft.name);
    let key = if draft.key.is_empty() { &made } else { &draft.key };
    let mut plan = base.clone();
    plan.key = PlanKey::parse(key).unwrap_or(plan.key);
    plan.name = PlanName::parse(&draft.name).unwrap_or(plan.name);
    plan.description = Description::parse(&draft.description).unwrap_or(plan.description);
    plan.features = draft.readable_features().unwrap_or_else(|| before.unwrap_or(base).features.clone());
    let typed = (!draft.price.is_blank()).then(|| draft.price.parse(locale).ok()).flatten();
    plan.prices.extend(typed.map(|price| Price {
        id: Uuid::nil().into(),
        plan_id: plan.id,
        name: price.name,
        money: price.money,
        interval: price.interval,
        trial_days: price.trial_days,
        stripe_price_id: None,
        archived_at: None,
        created_at: plan.created_at,
    }));
    plan
}

/// The card as plan selection shows it.
#[component]
pub fn HostedCard(
    text: Text,
    #[prop(into)] plan: Signal<Plan>,
    /// A price is being typed that cannot be read yet.
    is_unpriced: Signal<bool>,
    /// Of the application's prices.
    currency: Option<Currency>,
    /// A provider bills, so that a trial means something.
    trials: bool,
) -> impl IntoView {
    move || {
        let plan = plan.get();
        let cycles = cycles([&plan]).into_iter().take(1).collect::<Vec<_>>();
        let cycles = if cycles.is_empty() { vec![Interval::Month] } else { cycles };
        view! { <PlanCard plan text cycles currency trials unpriced=is_unpriced.get()/> }
    }
}

/// What a subscriber's access token says because of this plan.
#[component]
pub fn TokenPreview(
    text: Text,
    #[prop(into)] plan: Signal<Plan>,
    /// The features have a fault that the form tells of.
    is_broken: Signal<bool>,
    /// A provider bills, so that the token names the cycle.
    billed: bool,
) -> impl IntoView {
    move || {
        if is_broken.get() {
            return view! { <p class="text-sm text-muted">{text.preview_broken()}</p> }.into_any();
        }
        let plan = plan.get();
        let interval = plan.current_prices().next().filter(|_| billed).map(|price| price.interval);
        let json = rows::pretty(&claims::of_plan(plan.key.as_str(), &plan.features, interval));
        view! {
            <pre class="overflow-x-auto rounded-box bg-sunken p-4 text-sm leading-relaxed" tabindex="0"><code>{json}</code></pre>
        }
        .into_any()
    }
}
