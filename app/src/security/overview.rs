//! What guards an account.

use domain::{
    identity::factor::Factors,
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::address;
use crate::{
    account::{Owner, frame::Frame},
    hosted::{Heading, Hosted, Width},
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ButtonLink, Look, Tone},
};

/// Lists the second factors, each with what can be done about it.
#[component]
pub fn SecurityPage(
    visit: Visit,
    product: Product,
    factors: Factors,
    /// Whose account it is.
    who: String,
    /// What asked for a second factor, and waits.
    to: Option<ReturnTo>,
) -> impl IntoView {
    let text = visit.text();
    let action = address(route::SECURITY, to.as_ref());
    let set_up = address(route::AUTHENTICATOR, to.as_ref());
    let any = factors.any();
    let needed_elsewhere = to.is_some();
    let needed = text.security_needed(&product.name);
    let waits = to.map(|to| match any {
        true => view! {
            <div class="grid gap-4">
                <Alert tone=Tone::Good>{text.security_enough()}</Alert>
                <div><ButtonLink href=to.path()>{text.factor_button()}</ButtonLink></div>
            </div>
        }
        .into_any(),
        false => view! { <Alert tone=Tone::Note>{needed}</Alert> }.into_any(),
    });
    let app = match factors.totp {
        Some(since) => view! {
            <p class="text-muted">{text.authenticator_on(text.date(since))}</p>
            <form method="post" action=action.clone()>
                <input type="hidden" name="act" value="remove_totp"/>
                <Button look=Look::Danger>{text.authenticator_remove()}</Button>
            </form>
        }
        .into_any(),
        None => view! {
            <p class="text-muted">{text.authenticator_off()}</p>
            <div><ButtonLink href=set_up look=if any { Look::Secondary } else { Look::Primary }>{text.authenticator_add()}</ButtonLink></div>
        }
        .into_any(),
    };
    let codes = match any {
        true => view! {
            <p class="text-muted">{text.recovery_left(factors.recovery_codes)}</p>
            <form method="post" action=action class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <input type="hidden" name="act" value="new_codes"/>
                <Button look=Look::Secondary>{text.recovery_new()}</Button>
                <span class="text-sm text-muted">{text.recovery_new_note()}</span>
            </form>
        }
        .into_any(),
        false => view! { <p class="text-muted">{text.recovery_later()}</p> }.into_any(),
    };
    let cards = view! {
        <>
            {waits}
            <section class="card grid gap-4 p-6">
                <h2 class="font-semibold">{text.authenticator()}</h2>
                {app}
            </section>
            <section class="card grid gap-4 p-6">
                <h2 class="font-semibold">{text.recovery_codes()}</h2>
                {codes}
            </section>
        </>
    };
    let (title, body) = (text.security_title(), text.security_body(&who));
    if needed_elsewhere {
        return view! {
            <Hosted visit product title=title.clone() width=Width::Page>
                <Heading title body/>
                {cards}
            </Hosted>
        }
        .into_any();
    }
    let owner = Owner { email: who, done: None };
    view! { <Frame visit owner page=AccountPage::Security title body>{cards}</Frame> }.into_any()
}
