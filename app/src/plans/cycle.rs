//! Monthly or yearly: links that load the other view; where JavaScript runs, a switch without a reload.

use domain::billing::price::Interval;
use leptos::{ev::KeyboardEvent, prelude::*, wasm_bindgen::JsCast};
use serde::{Deserialize, Serialize};

use crate::i18n::Text;

/// One choice of the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleOption {
    pub cycle: Interval,
    /// The page in this cycle.
    pub href: String,
    /// The most that this cycle saves, in whole per cent.
    pub saving: Option<i64>,
}

/// A radio group of links. Sets `data-cycle` on the form around it, by which the style sheet shows prices, and sends
/// the cycle along with the form.
#[island]
pub fn CycleSwitch(text: Text, chosen: Interval, options: Vec<CycleOption>) -> impl IntoView {
    let cycle = RwSignal::new(chosen);
    let group = NodeRef::<leptos::html::Div>::new();
    // Where no script runs, each link is reached by the key Tab; where one does, arrows lead from one to the other.
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let order: Vec<(Interval, String)> = options.iter().map(|option| (option.cycle, option.href.clone())).collect();
    let choose = move |next: Interval, href: &str| {
        cycle.set(next);
        if let Some(form) = group.get_untracked().and_then(|group| group.closest("[data-cycle]").ok().flatten()) {
            // Refused only for a malformed name.
            let _ = form.set_attribute("data-cycle", next.as_str());
        }
        if let Ok(history) = window().history() {
            // Refused only for another origin's address.
            let _ = history.replace_state_with_url(&leptos::wasm_bindgen::JsValue::NULL, "", Some(href));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => order.len() - 1,
            // The one that has the focus.
            " " => 0,
            _ => return,
        };
        event.prevent_default();
        let link = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::Element>().ok());
        let focused = link.and_then(|link| link.get_attribute("href"));
        let focused = focused.and_then(|own| order.iter().position(|(_, href)| *href == own));
        let checked = || order.iter().position(|(option, _)| *option == cycle.get_untracked());
        let at = (focused.or_else(checked).unwrap_or_default() + step) % order.len();
        if let Some((next, href)) = order.get(at) {
            choose(*next, href);
            // The attributes follow later: the links are told apart by their place.
            let selector = format!("[role=radio]:nth-child({})", at + 1);
            let link = group.get_untracked().and_then(|group| group.query_selector(&selector).ok().flatten());
            if let Some(link) = link.and_then(|link| link.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
                // Refused only for what cannot have the focus.
                let _ = link.focus();
            }
        }
    };
    view! {
        <div
            node_ref=group
            role="radiogroup"
            aria-label=text.billing_period()
            class="mx-auto flex flex-wrap justify-center gap-1 rounded-box border border-line bg-sunken p-1 sm:rounded-full"
            on:keydown=on_key
        >
            {options
                .into_iter()
                .map(|option| {
                    let label = match option.cycle {
                        Interval::Month => text.monthly(),
                        Interval::Year => text.yearly(),
                        Interval::OneTime => text.once(),
                    };
                    let (this, href) = (option.cycle, option.href.clone());
                    let checked = move || if cycle.get() == this { "true" } else { "false" };
                    let tabindex = move || if awake.get() && cycle.get() != this { "-1" } else { "0" };
                    let on_click = move |event: leptos::ev::MouseEvent| {
                        event.prevent_default();
                        choose(this, &href);
                    };
                    view! {
                        <a
                            role="radio"
                            href=option.href
                            aria-checked=checked
                            tabindex=tabindex
                            class="flex min-h-9 flex-col items-center justify-center gap-x-2 rounded-box px-4 py-1 font-medium text-muted hover:text-ink aria-checked:bg-surface aria-checked:text-ink aria-checked:shadow-card aria-checked:ring-1 aria-checked:ring-edge sm:flex-row sm:rounded-full sm:py-0"
                            on:click=on_click
                        >
                            {label}
                            {option.saving.map(|percent| view! {
                                <span class="text-sm text-good">{text.save_up_to(percent)}</span>
                            })}
                        </a>
                    }
                })
                .collect_view()}
        </div>
        <input type="hidden" name="cycle" value=move || cycle.get().as_str()/>
    }
}
