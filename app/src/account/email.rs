//! The address that a person signs in with.

use domain::route::AccountPage;
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    form::FormState,
    shell::Visit,
    ui::{Button, ErrorSummary, Field},
};

/// The form that asks for another one.
#[component]
pub fn EmailPage(visit: Visit, owner: Owner, form: FormState) -> impl IntoView {
    let text = visit.text();
    let (page, body) = (AccountPage::Email, text.address_body(&owner.email));
    view! {
        <Frame visit owner page title=text.address_title() body>
            <div class="card grid gap-6 p-6 sm:p-8">
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=page.path() class="grid gap-5">
                    <Field
                        name="email"
                        label=text.address_new()
                        kind="email"
                        value=form.value("email")
                        error=form.error("email", text)
                        autocomplete="email"
                        inputmode="email"
                        maxlength=254
                        required=true
                    />
                    <Button class="justify-self-start">{text.register_button()}</Button>
                </form>
            </div>
        </Frame>
    }
}
