//! How somebody pays, and what they have in credit.

use domain::{Money, route};
use leptos::prelude::*;

use super::current::Act;
use crate::{
    i18n::Text,
    ui::{Confirm, Look},
};

/// How another method is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Another {
    /// Nothing is collected.
    #[default]
    Never,
    /// On the provider's page, at any time.
    AtOnce,
    /// With a payment only: the provider keeps none without.
    WithPayment,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Wallet {
    /// The kept method: `Visa •••• 4242`.
    pub method: Option<String>,
    /// How another one is entered.
    pub another: Another,
    /// It pays for what its provider goes on collecting: it can be changed, and not removed.
    pub is_needed: bool,
    /// In every currency in which there is something.
    pub credit: Vec<Money>,
    /// It pays what is bought too, not renewals only.
    pub credit_pays: bool,
}

impl Wallet {
    /// There is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.method.is_none() && self.another == Another::Never && self.credit.is_empty()
    }
}

#[component]
pub(super) fn WalletCard(wallet: Wallet, of: String, text: Text) -> impl IntoView {
    let Wallet { method, another, is_needed, credit, credit_pays } = wallet;
    let has_method = method.is_some();
    let change = if has_method { text.change_method() } else { text.add_method() };
    let shows_method = another != Another::Never || has_method;
    let other = of.clone();
    let credit = (!credit.is_empty()).then(|| {
        let sums = credit.into_iter().map(|money| text.money(money)).collect::<Vec<_>>().join(" + ");
        let hint = if credit_pays { text.credit_hint() } else { text.credit_hint_renewals() };
        view! {
            <div class="grid gap-1">
                <h2 class="font-semibold">{text.credit_balance()}</h2>
                <p class="tabular-nums">{sums}</p>
                <p class="text-sm text-muted">{hint}</p>
            </div>
        }
    });
    view! {
        <section class="card grid gap-5 p-6 sm:p-8" id="method">
            {shows_method.then(|| view! {
                <div class="flex flex-wrap items-center justify-between gap-4">
                    <div class="grid gap-1">
                        <h2 class="font-semibold">{text.payment_method()}</h2>
                        <p class="text-muted">{method.unwrap_or_else(|| text.no_payment_method())}</p>
                        {(has_method && is_needed).then(|| view! {
                            <p class="text-sm text-muted">{text.method_needed()}</p>
                        })}
                        {(has_method && another == Another::WithPayment).then(|| view! {
                            <p class="text-sm text-muted">{text.method_with_payment()}</p>
                        })}
                    </div>
                    <div class="flex flex-wrap gap-2">
                        {(another == Another::AtOnce).then(|| view! {
                            <Act act="change_method" of=of label=change look=Look::Secondary/>
                        })}
                        {(has_method && !is_needed).then(|| view! {
                            <Confirm
                                label=text.remove_method()
                                effect=text.remove_method_effect()
                                action=route::PORTAL
                                id="remove-method"
                                small=true
                            >
                                <input type="hidden" name="of" value=other/>
                                <input type="hidden" name="act" value="remove_method"/>
                            </Confirm>
                        })}
                    </div>
                </div>
            })}
            {credit}
        </section>
    }
}
