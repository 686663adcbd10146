//! A way to another plan. Without a script it is a link to the page of the change; with one, the preview opens in place.

use domain::{billing::plan::PlanKey, id::PriceId};
use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};

use super::{Preview, PreviewBody, preview_change};
use crate::{i18n::Text, ui::Button};

/// The link, and beneath it the preview that the server works out when somebody asks for it. Where that fails, the
/// link leads on as it would without a script.
#[island(lazy)]
pub fn ChangePlan(
    text: Text,
    plan: PlanKey,
    price: Option<PriceId>,
    label: String,
    /// What the link says to those who do not see which plan it stands beside.
    name: String,
    href: String,
    is_upgrade: bool,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let preview = RwSignal::new(None::<Preview>);
    let elsewhere = href.clone();
    let ask = move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        open.update(|open| *open = !*open);
        if !open.get_untracked() {
            return;
        }
        preview.set(None);
        let (plan, elsewhere) = (plan.clone(), elsewhere.clone());
        spawn_local(async move {
            match preview_change(plan, price, text).await {
                Ok(answer) => preview.set(Some(answer)),
                Err(_) => {
                    // Refused only for a malformed address.
                    let _ = window().location().set_href(&elsewhere);
                }
            }
        });
    };
    let class = if is_upgrade { "button button-primary button-small" } else { "button button-secondary button-small" };
    let expanded = move || if open.get() { "true" } else { "false" };
    view! {
        <a href=href class=format!("{class} justify-self-end") aria-label=name aria-expanded=expanded on:click=ask>
            {label}
        </a>
        <div class="col-span-full empty:hidden" aria-live="polite">
            {move || open.get().then(|| match preview.get() {
                Some(preview) => view! {
                    <div class="border-t border-line py-4"><PreviewBody preview text/></div>
                }
                .into_any(),
                None => view! {
                    <div class="flex flex-wrap items-center gap-4 border-t border-line py-4">
                        <Button small=true disabled=true>{text.continue_()}</Button>
                        <p class="text-muted">{text.preview_loading()}</p>
                    </div>
                }
                .into_any(),
            })}
        </div>
    }
}
