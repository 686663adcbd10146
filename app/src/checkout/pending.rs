//! A payment that is on its way: a bank transfer, a QR code.

use domain::{Money, Timestamp};
use leptos::prelude::*;

use super::Countdown;
use crate::{
    hosted::{Heading, Hosted},
    look::Product,
    shell::{Islands, Visit},
    ui::{Button, ButtonLink, Look},
};

/// The page on which a payment was begun.
#[derive(Clone, Debug)]
pub enum Elsewhere {
    /// Of the sandbox's bank, at this address.
    TestBank(String),
    /// Of the provider, with the account or the code to pay to. A form leads there that is sent to our own page.
    Provider,
}

/// What is awaited.
#[derive(Clone, Debug)]
pub struct Pending {
    pub due: Money,
    pub until: Timestamp,
    /// The moment by the clock that `until` is told by.
    pub now: Timestamp,
    /// This page again.
    pub here: String,
    /// Where something is left to do there.
    pub elsewhere: Option<Elsewhere>,
    /// Where somebody goes who does not wait.
    pub leave: Option<String>,
}

/// The answer that carries it has a `Refresh` header, so that it looks again by itself, without JavaScript too.
#[component]
pub fn PendingPage(visit: Visit, product: Product, pending: Pending) -> impl IntoView {
    let text = visit.text();
    let title = text.pending_title();
    let body = text.pending_body(&product.name);
    let (until, seconds) = (text.locale().date_time(pending.until), (pending.until - pending.now).num_seconds());
    view! {
        <Hosted visit product title=title.clone() islands=Islands::AtOnce>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <dl class="grid gap-3">
                    <div class="flex items-baseline justify-between gap-4 text-lg font-semibold">
                        <dt>{text.due_today()}</dt>
                        <dd class="shrink-0 whitespace-nowrap tabular-nums">{text.money(pending.due)}</dd>
                    </div>
                </dl>
                <div class="grid gap-1">
                    <p class="font-medium">{text.pending_until(until)}</p>
                    <Countdown text seconds/>
                </div>
                <div class="grid gap-2">
                    <ButtonLink href=pending.here.clone() class="w-full">{text.check_now()}</ButtonLink>
                    {pending.elsewhere.map(|elsewhere| match elsewhere {
                        Elsewhere::TestBank(href) => view! {
                            <ButtonLink href look=Look::Quiet class="w-full">{text.sandbox_open()}</ButtonLink>
                        }.into_any(),
                        Elsewhere::Provider => view! {
                            <form method="post" action=pending.here>
                                <Button look=Look::Secondary class="w-full">{text.show_how_to_pay()}</Button>
                            </form>
                        }.into_any(),
                    })}
                    {pending.leave.map(|href| view! {
                        <ButtonLink href look=Look::Quiet class="w-full">{text.not_now()}</ButtonLink>
                    })}
                </div>
                <p class="text-center text-sm text-muted">{text.checked_by_itself()}</p>
            </div>
        </Hosted>
    }
}
