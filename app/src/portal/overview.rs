//! The page of the portal.

use domain::{Money, Timestamp};
use leptos::prelude::*;

use super::{
    Cancellation, Done, Entry, Held, Offer, Wallet,
    cancel::CancelPlan,
    current::CurrentPlan,
    history::{History, invoice_address},
    invoice::{BeingCharged, Dues},
    method::WalletCard,
    offers::Offers,
};
use crate::{
    form::Fault,
    hosted::{Heading, Hosted, Width},
    i18n::Text,
    look::Product,
    shell::{Islands, Visit},
    ui::{Alert, Badge, ButtonLink, ErrorSummary, Glyph, Icon, Tone},
};

/// Everything that the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The application's id, which every form sends along.
    pub of: String,
    /// Whose plan it is.
    pub who: String,
    pub back: Option<String>,
    /// In the application's billing time.
    pub now: Timestamp,
    pub held: Option<Held>,
    /// What is owed, and until when it can be paid without losing the plan.
    pub owed: Option<Owed>,
    pub offers: Vec<Offer>,
    /// Somebody else decided for the plan that is held.
    pub is_managed: bool,
    pub wallet: Wallet,
    pub history: Vec<Entry>,
    pub cancellation: Option<Cancellation>,
    /// No real money moves.
    pub is_test: bool,
}

/// An invoice that is open after its payment failed.
#[derive(Clone, Debug)]
pub struct Owed {
    pub number: String,
    pub money: Money,
    pub until: Timestamp,
    pub dues: Dues,
}

/// The way back.
#[component]
pub(super) fn Back(href: String, label: String) -> impl IntoView {
    view! {
        <p class="print:hidden">
            <a href=href class="inline-flex items-center gap-1.5 py-1 font-medium text-link hover:underline">
                <Icon glyph=Glyph::ArrowLeft/>
                {label}
            </a>
        </p>
    }
}

#[component]
pub fn OverviewPage(
    visit: Visit,
    product: Product,
    overview: Overview,
    /// What has just been done.
    done: Option<Done>,
    /// What has just been refused.
    fault: Option<Fault>,
) -> impl IntoView {
    let text = visit.text();
    let title = text.portal_title();
    let Overview { of, who, back, now, held, owed, offers, is_managed, wallet, history, cancellation, is_test } =
        overview;
    let islands = if offers.is_empty() { Islands::None } else { Islands::OnTouch };
    let has_plan = held.is_some();
    let plan = held.as_ref().map(|held| held.plan.name.to_string()).unwrap_or_default();
    let current = match held {
        Some(held) => view! { <CurrentPlan held of=of.clone() now text/> }.into_any(),
        None => view! {
            <section class="card grid gap-2 p-6 sm:p-8">
                <h2 class="text-2xl font-semibold tracking-tight">{text.portal_no_plan()}</h2>
                <p class="text-muted">{text.portal_no_plan_body(&product.name)}</p>
            </section>
        }
        .into_any(),
    };
    let choices = if has_plan { text.change_plan() } else { text.choose_a_plan() };
    let name = product.name.clone();
    view! {
        <Hosted visit product title=title.clone() width=Width::Page islands>
            {back.map(|href| view! { <Back href label=text.back_to(&name)/> })}
            <Heading title body=text.portal_account(who)/>
            <div class="grid gap-3 empty:hidden">
                <ErrorSummary text message=fault.map(|fault| fault.text(text))/>
                {done.map(|done| view! { <Alert tone=Tone::Good><p>{done.text(text)}</p></Alert> })}
                {is_test.then(|| view! {
                    <p><Badge tone=Tone::Warn glyph=Some(Glyph::Info)>{text.sandbox_test_mode()}</Badge></p>
                })}
                {owed.map(|owed| view! { <OwedAlert owed plan=plan.clone() text/> })}
            </div>
            {current}
            {is_managed.then(|| view! {
                <Alert tone=Tone::Note>
                    <p class="font-semibold">{text.cannot_change_title()}</p>
                    <p>{text.portal_managed_body(&name)}</p>
                </Alert>
            })}
            {(!offers.is_empty()).then(|| view! {
                <section class="grid gap-4" aria-labelledby="plans">
                    <h2 id="plans" class="text-lg font-semibold">{choices}</h2>
                    <Offers offers has_plan text/>
                </section>
            })}
            {(!wallet.is_empty()).then(|| view! { <WalletCard wallet of=of.clone() text/> })}
            <section class="grid grid-cols-1 gap-4" aria-labelledby="payments">
                <h2 id="payments" class="text-lg font-semibold">{text.payments_title()}</h2>
                <History entries=history text/>
            </section>
            {cancellation.map(|cancellation| view! { <CancelPlan cancellation of=of.clone() text/> })}
        </Hosted>
    }
}

#[component]
fn OwedAlert(owed: Owed, plan: String, text: Text) -> impl IntoView {
    if owed.dues == Dues::Charging {
        return view! { <BeingCharged text/> }.into_any();
    }
    view! {
        <Alert tone=Tone::Bad>
            <div class="grid gap-3">
                <div>
                    <p class="font-semibold">{text.past_due_title()}</p>
                    <p>{text.past_due_body(plan, text.date(owed.until))}</p>
                </div>
                <p>
                    <ButtonLink href=invoice_address(&owed.number) small=true>
                        {text.pay_invoice(text.money(owed.money))}
                    </ButtonLink>
                </p>
            </div>
        </Alert>
    }
    .into_any()
}
