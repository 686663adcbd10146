//! The fields of a price. The amount follows the decimals of its currency.

use domain::{Currency, FieldError, Money, billing::price::Interval};
use leptos::prelude::*;

use crate::{
    admin::{draft::PriceDraft, form::ACTION, name_and_key::FieldError as Fault, touched::Touched},
    i18n::Text,
    ui::{Button, Labelled, Look, held_still, take_typed},
};

/// Offered first; any other code of ISO 4217 can be typed.
const CURRENCIES: [&str; 12] = ["USD", "EUR", "IDR", "GBP", "JPY", "SGD", "MYR", "AUD", "CAD", "INR", "BRL", "CHF"];

/// The fields `price_name`, `amount`, `currency`, `interval` and `trial_days`.
#[component]
pub fn PriceFields(
    text: Text,
    price: RwSignal<PriceDraft>,
    #[prop(into)] errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let error = move |name: &'static str| {
        Signal::derive(move || {
            errors.get().into_iter().find(|error| error.field == name).map(|error| text.flaw_below(&error.flaw))
        })
    };
    let currency = move || Currency::parse(price.get().currency.trim()).ok();
    let digits = move || {
        currency().map(|currency| match currency.shown_digits() {
            0 => text.amount_whole(currency.code()),
            digits => text.amount_digits(digits, currency.code()),
        })
    };
    let reads = move || price.with(|price| price.money(text.locale())).map(|money| text.will_read(text.money(money)));
    let sample = move || {
        let currency = currency()?;
        let sample = if currency.shown_digits() == 0 { "99000" } else { "9.99" };
        Some(Money::from_decimal(sample, currency).ok()?.number(text.locale()))
    };
    let first = price.get_untracked();
    let take = move |id: &str, held: &str, set: fn(&mut PriceDraft, String)| {
        take_typed(id, held, move |typed| price.update(|price| set(price, typed)));
    };
    take("price_name", &first.name, |price, typed| price.name = typed);
    take("interval", &first.interval, |price, typed| price.interval = typed);
    take("amount", &first.amount, |price, typed| price.amount = typed.trim().to_owned());
    take("currency", &first.currency, |price, typed| price.currency = typed);
    take("trial_days", &first.trial_days, |price, typed| price.trial_days = typed.trim().to_owned());
    let invalid = move |error: Signal<Option<String>>| move || error.get().is_some().then_some("true");
    let intervals = [
        (Interval::Month, text.interval_month()),
        (Interval::Year, text.interval_year()),
        (Interval::OneTime, text.interval_once()),
    ];
    let held = first.interval.clone();
    view! {
        <div class="grid gap-4">
            <div class="fields sm:grid-cols-2">
                <Labelled id="price_name" label=text.price_name() hint=Some(text.price_name_hint())>
                    <input
                        class="input"
                        id="price_name"
                        name="price_name"
                        maxlength="64"
                        autocomplete="off"
                        value=first.name.clone()
                        aria-invalid=invalid(error("price_name"))
                        aria-describedby="price_name-hint price_name-error"
                        on:input=move |event| price.update(|price| price.name = event_target_value(&event))
                    />
                    <Fault id="price_name" error=error("price_name")/>
                </Labelled>
                <Labelled id="interval" label=text.interval()>
                    <select
                        class="input"
                        id="interval"
                        name="interval"
                        on:change=move |event| price.update(|price| price.interval = event_target_value(&event))
                    >
                        {intervals
                            .into_iter()
                            .map(|(interval, label)| view! {
                                <option value=interval.as_str() selected=interval.as_str() == held>{label}</option>
                            })
                            .collect_view()}
                    </select>
                    <Fault id="interval" error=error("interval")/>
                </Labelled>
            </div>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Labelled id="amount" label=text.amount()>
                    <input
                        class="input"
                        id="amount"
                        name="amount"
                        inputmode="decimal"
                        autocomplete="off"
                        placeholder=sample
                        value=first.amount.clone()
                        aria-invalid=invalid(error("amount"))
                        aria-describedby="amount-digits amount-error"
                        on:input=move |event| price.update(|price| price.amount = event_target_value(&event).trim().to_owned())
                    />
                    <p class="text-sm text-muted" id="amount-digits" role="status">
                        {move || reads().or_else(digits)}
                    </p>
                    <Fault id="amount" error=error("amount")/>
                </Labelled>
                <Labelled id="currency" label=text.currency()>
                    <input
                        class="input uppercase"
                        id="currency"
                        name="currency"
                        list="currencies"
                        maxlength="3"
                        autocomplete="off"
                        spellcheck="false"
                        value=first.currency.clone()
                        aria-invalid=invalid(error("currency"))
                        aria-describedby="currency-error"
                        on:input=move |event| price.update(|price| price.currency = event_target_value(&event))
                    />
                    <datalist id="currencies">
                        {CURRENCIES.map(|code| view! { <option value=code></option> }).into_iter().collect_view()}
                    </datalist>
                    <Fault id="currency" error=error("currency")/>
                </Labelled>
                <Labelled id="trial_days" label=text.trial_days() hint=Some(text.trial_days_hint())>
                    <input
                        class="input"
                        id="trial_days"
                        name="trial_days"
                        inputmode="numeric"
                        autocomplete="off"
                        value=first.trial_days.clone()
                        aria-invalid=invalid(error("trial_days"))
                        aria-describedby="trial_days-hint trial_days-error"
                        on:input=move |event| price.update(|price| price.trial_days = event_target_value(&event).trim().to_owned())
                    />
                    <Fault id="trial_days" error=error("trial_days")/>
                </Labelled>
            </div>
        </div>
    }
}

/// The form that adds a price to a plan.
#[island(lazy)]
pub fn PriceForm(text: Text, price: PriceDraft, errors: Vec<FieldError>) -> impl IntoView {
    let price = RwSignal::new(price);
    let touched = Touched::default();
    let errors = held_still(Signal::derive(move || {
        let live = price.with(|price| price.parse(text.locale())).err().unwrap_or_default();
        let sent = errors.iter().filter(|error| !touched.has(&error.field)).cloned();
        sent.chain(live.into_iter().filter(|error| touched.has(&error.field))).collect::<Vec<_>>()
    }));
    view! {
        <form method="post" class="grid gap-4" novalidate on:change=move |event| touched.take(&event)>
            <PriceFields text price errors/>
            <div>
                <Button look=Look::Secondary attr:name=ACTION attr:value="add_price">{text.add_price()}</Button>
            </div>
        </form>
    }
}
