//! What guards an account.

use domain::{
    identity::factor::{Factors, Passkey},
    route::{self, AccountPage, ReturnTo},
};
use leptos::prelude::*;
use service::identity::factors::Challenge;

use super::{address, passkey::PasskeyForm};
use crate::{
    account::{Owner, frame::Frame},
    form::FormState,
    hosted::{Heading, Hosted, Width},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Alert, Button, ButtonLink, Confirm, ErrorSummary, Field, Look, Tone},
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
    /// For a new passkey, where the server can have them.
    challenge: Option<Challenge>,
    form: FormState,
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
    let is_last = factors.is_one();
    let effect = |of_one: String| match is_last {
        true => format!("{of_one} {}", text.last_factor_effect()),
        false => of_one,
    };
    let app = match factors.totp {
        Some(since) => view! {
            <p class="text-muted">{text.authenticator_on(text.date(since))}</p>
            <Confirm
                label=text.authenticator_remove()
                effect=effect(text.authenticator_remove_effect())
                action=action.clone()
                id="remove-totp"
            >
                <input type="hidden" name="act" value="remove_totp"/>
            </Confirm>
        }
        .into_any(),
        None => view! {
            <p class="text-muted">{text.authenticator_off()}</p>
            <div><ButtonLink href=set_up look=if any { Look::Secondary } else { Look::Primary }>{text.authenticator_add()}</ButtonLink></div>
        }
        .into_any(),
    };
    let passkeys = (challenge.is_some() || !factors.passkeys.is_empty()).then(|| {
        let (list, script) = (factors.passkeys.clone(), challenge.is_some());
        let add = challenge.map(|challenge| {
            let look = if any { Look::Secondary } else { Look::Primary };
            view! {
                <PasskeyForm
                    text
                    action=action.clone()
                    challenge
                    label=text.passkey_add()
                    act="add_passkey"
                    look
                    class="w-full sm:w-auto sm:justify-self-start"
                />
            }
        });
        let effect = effect(text.passkey_remove_effect());
        let items = list.into_iter().map(|passkey| {
            view! { <PasskeyItem text passkey effect=effect.clone() action=action.clone()/> }
        });
        let items = items.collect::<Vec<_>>();
        view! {
            <section class="card grid gap-4 p-6">
                <h2 class="font-semibold">{text.passkeys()}</h2>
                <p class="text-muted">{text.passkeys_body()}</p>
                {(!items.is_empty()).then(|| view! { <ul class="grid divide-y divide-line">{items}</ul> })}
                <div>{add}</div>
                {script.then(|| view! { <noscript><p class="text-sm text-muted">{text.passkey_script()}</p></noscript> })}
            </section>
        }
    });
    let codes = match any {
        true => view! {
            <p class="text-muted">{text.recovery_left(factors.recovery_codes)}</p>
            <Confirm label=text.recovery_new() effect=text.recovery_new_note() action id="new-codes">
                <input type="hidden" name="act" value="new_codes"/>
            </Confirm>
        }
        .into_any(),
        false => view! { <p class="text-muted">{text.recovery_later()}</p> }.into_any(),
    };
    let cards = view! {
        <>
            <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
            {waits}
            {passkeys}
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
                <p class="text-center text-sm text-muted"><a href=route::SIGN_OUT>{text.sign_out()}</a></p>
            </Hosted>
        }
        .into_any();
    }
    let owner = Owner { email: who, product, done: None };
    view! { <Frame visit owner page=AccountPage::Security title body>{cards}</Frame> }.into_any()
}

/// One passkey, with forms that rename it and take it away.
#[component]
fn PasskeyItem(text: Text, passkey: Passkey, effect: String, action: String) -> impl IntoView {
    let id = passkey.id.to_string();
    let since = text.passkey_since(text.date(passkey.since));
    let told = match passkey.last_used {
        Some(at) => format!("{since}, {}", text.passkey_used(text.date(at))),
        None => since,
    };
    let name = passkey.name.to_string();
    view! {
        <li class="flex flex-wrap items-end justify-between gap-x-4 gap-y-3 py-4">
            <form method="post" action=action.clone() class="flex min-w-0 flex-1 basis-64 items-end gap-2">
                <input type="hidden" name="act" value="rename_passkey"/>
                <input type="hidden" name="passkey" value=id.clone()/>
                <div class="min-w-0 flex-1">
                    <Field
                        name="name"
                        id=format!("name-{id}")
                        label=text.passkey_name()
                        hint=Some(told)
                        value=name.clone()
                        maxlength=100
                        required=true
                    />
                </div>
                <Button look=Look::Secondary>{text.passkey_rename()}</Button>
            </form>
            <Confirm label=text.passkey_remove(name) effect action id=format!("remove-{id}")>
                <input type="hidden" name="act" value="remove_passkey"/>
                <input type="hidden" name="passkey" value=id/>
            </Confirm>
        </li>
    }
}
