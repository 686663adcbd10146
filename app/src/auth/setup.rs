//! Making the first superadmin.

use domain::route;
use leptos::prelude::*;

use super::{
    fields::{EmailField, NameField},
    password::PasswordField,
};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary},
};

/// The form behind the one-time link.
#[component]
pub fn SetupPage(
    visit: Visit,
    /// The link's token, which the form sends along.
    token: String,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = text.setup_title();
    view! {
        <Hosted visit product=Product::default() title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.setup_body()/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=route::SETUP class="grid gap-5">
                    <input type="hidden" name="token" value=token/>
                    <NameField text form=form.clone() autofocus=form.is_fine()/>
                    <EmailField text form=form.clone()/>
                    <PasswordField
                        text
                        autocomplete="new-password"
                        hint=Some(text.password_hint())
                        error=form.error("password", text)
                    />
                    <Button class="w-full">{text.setup_button()}</Button>
                </form>
            </div>
        </Hosted>
    }
}
