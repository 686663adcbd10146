//! The sign-in page: one card, no script but the ones that show the password and ask for a passkey.

use domain::{route, route::ReturnTo};
use leptos::prelude::*;
use service::identity::factors::Challenge;

use super::{
    fields::EmailField,
    password::PasswordField,
    upstream::{Offer, Providers},
};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    security::PasskeyForm,
    shell::Visit,
    ui::{Alert, Button, ErrorSummary, Look, Tone},
};

/// Signs somebody in, who goes on `to` what waits for them.
#[component]
pub fn SignInPage(
    visit: Visit,
    product: Product,
    to: ReturnTo,
    /// Whether somebody who is signed in is asked once more.
    again: bool,
    /// Whether they come from a form that was lost with its session.
    ended: bool,
    /// Whether the page offers to make an account.
    can_register: bool,
    /// Providers by which one can sign in, too.
    offers: Vec<Offer>,
    /// For passkeys, where the server has them.
    challenge: Option<Challenge>,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = match &to {
        ReturnTo::Flow(_) | ReturnTo::Checkout { .. } | ReturnTo::Link { .. } => text.sign_in_to(&product.name),
        ReturnTo::Dashboard | ReturnTo::Application { .. } => text.sign_in_dashboard(),
        ReturnTo::Account(_)
        | ReturnTo::Organization { .. }
        | ReturnTo::Invitation { .. }
        | ReturnTo::Device { .. }
        | ReturnTo::MailLink { .. } => text.sign_in(),
    };
    let register = match &to {
        ReturnTo::Flow(flow) if can_register => Some(route::with_flow(route::REGISTER, flow)),
        _ => None,
    };
    // A wrong password does not make anybody forget why it is asked for.
    let action = if again && to == ReturnTo::Dashboard { route::SIGN_IN_AGAIN.into() } else { to.sign_in() };
    let (forgot, by_mail) = (to.by(route::FORGOT_PASSWORD), to.by(route::EMAIL_SIGN_IN));
    let known = !form.value("email").is_empty();
    // Once: a browser that fills in by itself would bring what was refused again and again.
    let autofill = form.is_fine();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                {match again {
                    true => view! { <Heading title body=text.sign_in_once_more()/> }.into_any(),
                    false => view! { <Heading title/> }.into_any(),
                }}
                {ended.then(|| view! { <Alert tone=Tone::Warn><p>{text.session_ended()}</p></Alert> })}
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=action class="grid gap-5">
                    <EmailField
                        text
                        form=form.clone()
                        autocomplete="username webauthn"
                        autofocus=form.is_fine() && !known
                    />
                    <PasswordField
                        text
                        autocomplete="current-password"
                        error=form.error("password", text)
                        autofocus=form.is_fine() && known
                    />
                    <Button class="w-full">{text.sign_in()}</Button>
                </form>
                {challenge.map(|challenge| {
                    let action = to.by(route::PASSKEY_SIGN_IN);
                    view! {
                        <PasskeyForm
                            text
                            action
                            challenge
                            label=text.passkey_sign_in()
                            look=Look::Secondary
                            autofill
                        />
                    }
                })}
                <p class="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm leading-6">
                    <a href=forgot>{text.forgot_link()}</a>
                    <a href=by_mail>{text.email_link()}</a>
                </p>
                <Providers text to offers/>
                {register.map(|href| view! {
                    <p class="text-center text-muted">
                        {text.no_account_yet()} " " <a href=href>{text.create_account()}</a>
                    </p>
                })}
            </div>
        </Hosted>
    }
}
