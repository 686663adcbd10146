//! The page between the first proof and the session.

use domain::{identity::factor::Factors, route, route::ReturnTo};
use leptos::prelude::*;
use service::identity::factors::Challenge;

use super::{address, passkey::PasskeyForm};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary, Field, Look},
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but a passkey.
    Passkey,
    App,
    Recovery,
}

impl Kind {
    /// The query parameter that chooses, and its value for [`Self::Recovery`].
    pub const PARAMETER: &'static str = "with";
    pub const RECOVERY: &'static str = "recovery";
}

/// Asks for a code; without script it does all that it does with it.
#[component]
pub fn FactorPage(
    visit: Visit,
    product: Product,
    to: ReturnTo,
    /// Whose sign-in it is.
    who: String,
    /// What they have.
    factors: Factors,
    kind: Kind,
    /// For their passkeys, where they have any.
    challenge: Option<Challenge>,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = text.factor_title();
    let page = address(route::FACTOR, Some(&to).filter(|to| **to != ReturnTo::Dashboard));
    let joint = if page.contains('?') { '&' } else { '?' };
    let recovery = format!("{page}{joint}{}={}", Kind::PARAMETER, Kind::RECOVERY);
    let (body, label, action) = match kind {
        Kind::Passkey => (text.factor_passkey_body(&who), String::new(), page.clone()),
        Kind::App => (text.factor_body(&who), text.factor_code(), page.clone()),
        Kind::Recovery => (text.factor_recovery_body(&who), text.factor_recovery_code(), recovery.clone()),
    };
    let other = match kind {
        Kind::App | Kind::Passkey => (factors.recovery_codes > 0).then(|| (recovery, text.factor_use_recovery())),
        Kind::Recovery if factors.totp.is_some() => Some((page.clone(), text.factor_use_app())),
        Kind::Recovery => (!factors.passkeys.is_empty()).then(|| (page.clone(), text.passkey_use())),
    };
    let (inputmode, autocomplete, maxlength) = match kind {
        Kind::App | Kind::Passkey => ("numeric", "one-time-code", 20),
        Kind::Recovery => ("text", "off", 20),
    };
    let passkey_look = if kind == Kind::Passkey { Look::Primary } else { Look::Secondary };
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                {(kind != Kind::Passkey).then(|| view! {
                <form method="post" action=action class="grid gap-5">
                    <Field
                        name="code"
                        label=label
                        error=form.error("code", text)
                        autocomplete=autocomplete
                        inputmode=inputmode
                        maxlength=maxlength
                        required=true
                        autofocus=form.is_fine()
                    />
                    <Button class="w-full">{text.factor_button()}</Button>
                </form>
                })}
                {challenge.map(|challenge| view! {
                    <PasskeyForm text action=page challenge label=text.passkey_use() look=passkey_look/>
                })}
                {(kind == Kind::Passkey).then(|| view! {
                    <noscript><p class="text-sm text-muted">{text.passkey_show_script()}</p></noscript>
                })}
                <p class="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm leading-6">
                    {other.map(|(href, label)| view! { <a href=href>{label}</a> })}
                    <a href=to.sign_in()>{text.use_another_account()}</a>
                </p>
            </div>
        </Hosted>
    }
}
