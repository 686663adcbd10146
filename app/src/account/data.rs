//! Taking one's data along, or away.

use domain::route::{self, AccountPage};
use leptos::prelude::*;

use super::{Owner, PasswordByMail, frame::Frame};
use crate::{
    auth::PasswordField,
    form::FormState,
    shell::Visit,
    ui::{Button, ButtonLink, ErrorSummary, Field, Look},
};

/// The export, and the form that deletes the account; whoever has no password chooses one first.
#[component]
pub fn DataPage(visit: Visit, owner: Owner, has_password: bool, form: FormState) -> impl IntoView {
    let (text, email) = (visit.text(), owner.email.clone());
    let page = AccountPage::Data;
    let delete = if has_password {
        view! {
            <ErrorSummary
                text
                message=form.message(text)
                fields=form.complaints_called(text, |name| (name == "password").then(|| text.password_old()))
            />
            <form method="post" action=page.path() class="grid gap-5">
                <Field name="email" label=text.email() kind="email" value=email autocomplete="username" readonly=true/>
                <PasswordField
                    text
                    label=text.password_old()
                    autocomplete="current-password"
                    error=form.error("password", text)
                />
                <Button look=Look::Danger class="justify-self-start">{text.delete_button()}</Button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p>{text.password_none()}</p>
            <PasswordByMail page email look=Look::Secondary label=text.password_by_mail()/>
        }
        .into_any()
    };
    view! {
        <Frame visit owner page title=text.account_data()>
            <section class="card grid gap-4 p-6 sm:p-8">
                <h2 class="text-lg font-semibold">{text.export_title()}</h2>
                <p class="text-muted">{text.export_body()}</p>
                <ButtonLink href=route::ACCOUNT_EXPORT look=Look::Secondary class="justify-self-start">
                    {text.export_button()}
                </ButtonLink>
            </section>
            <section class="card grid gap-4 p-6 sm:p-8">
                <h2 class="text-lg font-semibold">{text.delete_title()}</h2>
                <p class="text-muted">{text.delete_body()}</p>
                {delete}
            </section>
        </Frame>
    }
}
