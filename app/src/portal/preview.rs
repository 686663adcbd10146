//! What a change would mean, before it is confirmed: features gained and lost, and the exact money.

use domain::{billing::plan::PlanKey, id::PriceId, route};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    i18n::Text,
    ui::{Button, ButtonLink, Glyph, Icon, Look, SumLine, SumLines},
};

/// See the module. Its sentences are in the visitor's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub plan: PlanKey,
    pub price: Option<PriceId>,
    pub title: String,
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    pub lines: Vec<SumLine>,
    /// What is due today, where something is.
    pub due: Option<String>,
    /// What is paid when, whole and exact.
    pub sentences: Vec<String>,
    pub button: String,
    /// What was agreed to, to compare with when it is confirmed.
    pub digest: String,
    /// When it was worked out, in milliseconds since the epoch.
    pub at: i64,
    /// The application that it is about: another visit in the same browser does not confirm it.
    pub of: String,
}

/// The preview with its form. Confirming posts to `action`; `leave` is where somebody goes who does not: in the portal,
/// its own pages.
#[component]
pub fn PreviewBody(
    preview: Preview,
    text: Text,
    #[prop(default = route::PORTAL_CHANGE.to_owned())] action: String,
    #[prop(default = route::PORTAL.to_owned())] leave: String,
) -> impl IntoView {
    let sums = preview.due.map(|due| {
        view! {
            <dl class="grid gap-2">
                <SumLines lines=preview.lines/>
                <div class="flex items-baseline justify-between gap-4 border-t border-line pt-2 font-semibold">
                    <dt>{text.due_today()}</dt>
                    <dd class="shrink-0 whitespace-nowrap tabular-nums">{due}</dd>
                </div>
            </dl>
        }
    });
    let same = preview.gained.is_empty() && preview.lost.is_empty();
    let sentences = preview.sentences.into_iter().map(|line| view! { <p>{line}</p> }).collect::<Vec<_>>();
    let price = preview.price.map(|id| id.to_string());
    view! {
        <div class="grid gap-5">
            <div class="grid gap-4 sm:grid-cols-2">
                {changes(text.you_gain(), preview.gained, Glyph::Plus, "text-good")}
                {changes(text.you_lose(), preview.lost, Glyph::Minus, "text-bad")}
                {same.then(|| view! { <p class="text-muted">{text.same_features()}</p> })}
            </div>
            {sums}
            <div class="grid gap-1 font-medium">{sentences}</div>
            <form method="post" action=action class="flex flex-wrap gap-2">
                <input type="hidden" name="of" value=preview.of/>
                <input type="hidden" name="plan" value=preview.plan.to_string()/>
                {price.map(|id| view! { <input type="hidden" name="price" value=id/> })}
                <input type="hidden" name="digest" value=preview.digest/>
                <input type="hidden" name="at" value=preview.at.to_string()/>
                <Button>{preview.button}</Button>
                <ButtonLink href=leave look=Look::Quiet>{text.keep_as_it_is()}</ButtonLink>
            </form>
        </div>
    }
}

fn changes(title: String, items: Vec<String>, glyph: Glyph, tone: &'static str) -> Option<impl IntoView> {
    (!items.is_empty()).then(|| {
        let item = |text: String| {
            view! {
                <li class="flex gap-2">
                    <Icon glyph class=format!("mt-[0.2em] {tone}")/>
                    <span class="min-w-0 wrap-anywhere">{text}</span>
                </li>
            }
        };
        view! {
            <div class="grid content-start gap-2">
                <p class="font-medium">{title}</p>
                <ul class="grid gap-1.5 text-[0.9375rem]">{items.into_iter().map(item).collect::<Vec<_>>()}</ul>
            </div>
        }
    })
}
