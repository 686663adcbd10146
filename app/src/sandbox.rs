//! The sandbox's own page, which plays the bank.

use domain::{Money, route};
use leptos::prelude::*;
use service::payment::sandbox::{Behaviour, CARDS};

use crate::{
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ButtonLink, Look, Tone},
};

/// Where the payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The customer chooses how to pay. `Some(true)`: the last card was declined; `Some(false)`: unknown.
    Choose { refused: Option<bool> },
    /// The bank asks its customer.
    Authenticate,
    /// A transfer is awaited.
    Transfer { label: String },
}

/// The payment's key and what the page says of it. Every button is a form of its own, with the field `act`.
#[component]
pub fn SandboxPage(
    visit: Visit,
    product: Product,
    key: String,
    money: Money,
    stage: Stage,
    back: String,
) -> impl IntoView {
    let text = visit.text();
    let action = format!("{}/{key}", route::SANDBOX_PAY);
    // A card is kept, for a trial or in another's place; nothing could be transferred.
    let is_kept = money.is_zero();
    let act = move |act: &'static str, label: String, look: Look| {
        view! {
            <form method="post" action=action.clone()>
                <input type="hidden" name="act" value=act/>
                <Button class="w-full" look>{label}</Button>
            </form>
        }
    };
    let (title, body, content) = match stage {
        Stage::Choose { refused } => {
            let action = format!("{}/{key}", route::SANDBOX_PAY);
            let cards = CARDS.iter().enumerate().map(|(i, card)| {
                view! {
                    <label class="flex items-center gap-3 rounded-box border border-line px-3 py-2">
                        <input type="radio" name="number" value=card.digits() checked=i == 0 class="size-5 accent-brand"/>
                        <span class="grid">
                            <code class="text-sm tabular-nums">{grouped(card.digits())}</code>
                            <span class="text-sm text-muted">{behaviour(text, card.behaviour())}</span>
                        </span>
                    </label>
                }
            });
            let cards = cards.collect::<Vec<_>>();
            let refusal = refused.map(|declined| {
                let sentence = if declined { text.sandbox_declined() } else { text.sandbox_unknown_card() };
                view! { <Alert tone=Tone::Bad focused=true><p>{sentence}</p></Alert> }
            });
            let content = view! {
                {refusal}
                <form method="post" action=action class="grid gap-3">
                    <input type="hidden" name="act" value="card"/>
                    <fieldset class="grid min-w-0 gap-2">
                        <legend class="pb-1 font-medium">{text.sandbox_card()}</legend>
                        {cards}
                    </fieldset>
                    <Button class="w-full">
                        {if is_kept { text.sandbox_save() } else { text.pay_amount(text.money(money)) }}
                    </Button>
                </form>
                {(!is_kept).then(|| view! {
                    <p class="text-center text-sm text-muted">{text.sandbox_or()}</p>
                    <div class="grid gap-2">
                        {act("va", text.sandbox_va(), Look::Secondary)}
                        {act("qris", text.qris(), Look::Secondary)}
                    </div>
                })}
            };
            (text.sandbox_title(), text.sandbox_body(), content.into_any())
        }
        Stage::Authenticate => {
            let content = view! {
                <div class="grid gap-2">
                    {act("pass", text.sandbox_3ds_pass(), Look::Primary)}
                    {act("fail", text.sandbox_3ds_fail(), Look::Quiet)}
                </div>
            };
            let body = if is_kept { text.sandbox_3ds_save() } else { text.sandbox_3ds_body(text.money(money)) };
            (text.sandbox_3ds_title(), body, content.into_any())
        }
        Stage::Transfer { label } => {
            let content = view! {
                <p class="flex items-baseline justify-between gap-4 text-lg font-semibold">
                    <span class="tabular-nums">{label}</span>
                    <span class="tabular-nums">{text.money(money)}</span>
                </p>
                {act("arrive", text.sandbox_transfer_arrives(), Look::Primary)}
            };
            (text.sandbox_transfer_title(), text.sandbox_body(), content.into_any())
        }
    };
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-5 p-6 sm:p-8">
                <Heading title body/>
                {content}
                <ButtonLink href=back look=Look::Quiet class="w-full">{text.sandbox_back()}</ButtonLink>
            </div>
        </Hosted>
    }
}

/// What a card does, in a word or two.
fn behaviour(text: Text, behaviour: Behaviour) -> String {
    match behaviour {
        Behaviour::Succeeds => text.sandbox_card_succeeds(),
        Behaviour::Declined => text.sandbox_card_declined(),
        Behaviour::Authenticate => text.sandbox_card_authenticate(),
        Behaviour::FailsLater => text.sandbox_card_fails_later(),
        Behaviour::Disputed => text.sandbox_card_disputed(),
    }
}

/// A card number in groups of four.
fn grouped(number: &str) -> String {
    number.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}
