//! Behind a link in a mail: a button that does what the mail says, or the form for a new password.

use leptos::{nonce::use_nonce, prelude::*};

use super::password::PasswordField;
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary, Field},
};

/// A link works once: a second click of the same press is not sent.
const ONCE: &str = "{const f=document.currentScript.previousElementSibling;let sent=false;\
f.onsubmit=e=>{if(sent)e.preventDefault();sent=true};addEventListener('pageshow',()=>sent=false)}";

/// One button. It takes a press, because programs follow the links of mails before their readers do.
#[component]
pub fn ConfirmPage(
    visit: Visit,
    product: Product,
    /// The link's own path.
    action: String,
    title: String,
    body: String,
    button: String,
) -> impl IntoView {
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <form method="post" action=action class="grid">
                    <Button class="w-full">{button}</Button>
                </form>
                <script nonce=use_nonce()>{ONCE}</script>
            </div>
        </Hosted>
    }
}

/// The form for a password: another one, or that of a new account.
#[component]
pub fn NewPasswordPage(
    visit: Visit,
    product: Product,
    /// The link's own path.
    action: String,
    title: String,
    body: String,
    button: String,
    /// Whose password it is, for password managers.
    email: String,
    /// What they are called, for the meter.
    name: Option<String>,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=action class="grid gap-5">
                    <Field
                        name="email"
                        label=text.email()
                        kind="email"
                        value=email
                        autocomplete="username"
                        readonly=true
                    />
                    {name.map(|name| view! { <input type="hidden" name="name" value=name/> })}
                    <PasswordField
                        text
                        autocomplete="new-password"
                        hint=Some(text.password_hint())
                        error=form.error("password", text)
                        autofocus=form.is_fine()
                    />
                    <Button class="w-full">{button}</Button>
                </form>
                <script nonce=use_nonce()>{ONCE}</script>
            </div>
        </Hosted>
    }
}
