//! One's own password.

use domain::route::{self, AccountPage, ReturnTo};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    auth::PasswordField,
    form::FormState,
    shell::Visit,
    ui::{Button, ErrorSummary, Field, Look},
};

/// The form that takes the old password and a new one; or a way to get one by mail.
#[component]
pub fn PasswordPage(
    visit: Visit,
    owner: Owner,
    /// What they are called, for the meter.
    name: Option<String>,
    has_password: bool,
    form: FormState,
) -> impl IntoView {
    let (text, email) = (visit.text(), owner.email.clone());
    let page = AccountPage::Password;
    let body = if has_password { text.password_body() } else { text.password_none() };
    let address = email.clone();
    let change = has_password.then(|| {
        view! {
            <ErrorSummary
                text
                message=form.message(text)
                fields=form.complaints_called(text, |name| (name == "password").then(|| text.password_old()))
            />
            <form method="post" action=page.path() class="grid gap-5">
                <Field name="email" label=text.email() kind="email" value=address autocomplete="username" readonly=true/>
                {name.map(|name| view! { <input type="hidden" name="name" value=name/> })}
                <PasswordField
                    text
                    label=text.password_old()
                    autocomplete="current-password"
                    error=form.error("password", text)
                />
                <PasswordField
                    text
                    id="new_password"
                    label=text.password_new()
                    autocomplete="new-password"
                    hint=Some(text.password_hint())
                    error=form.error("new_password", text)
                />
                <Button class="justify-self-start">{text.password_change()}</Button>
            </form>
        }
    });
    let look = if has_password { Look::Secondary } else { Look::Primary };
    let label = if has_password { text.password_forgotten() } else { text.password_by_mail() };
    view! {
        <Frame visit owner page title=text.account_password() body>
            <div class="card grid gap-6 p-6 sm:p-8">
                {change}
                <PasswordByMail page email look label/>
            </div>
        </Frame>
    }
}

/// The button that mails a link to choose a password, and leads back to `page` behind it.
#[component]
pub fn PasswordByMail(page: AccountPage, email: String, look: Look, label: String) -> impl IntoView {
    view! {
        <form method="post" action=ReturnTo::Account(page).by(route::FORGOT_PASSWORD)>
            <input type="hidden" name="email" value=email/>
            <Button look>{label}</Button>
        </form>
    }
}
