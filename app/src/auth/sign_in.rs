//! The sign-in page: one card, no script but the one that shows the password.

use domain::route;
use leptos::prelude::*;

use super::password::PasswordField;
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary, Field},
};

/// Signs somebody in, for an application's `flow` or, without one, for the dashboard.
#[component]
pub fn SignInPage(
    visit: Visit,
    product: Product,
    flow: Option<String>,
    /// Whether the page offers to make an account.
    can_register: bool,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = match &flow {
        Some(_) => text.sign_in_to(&product.name),
        None => text.sign_in_dashboard(),
    };
    let page = |path: &str| flow.as_deref().map_or_else(|| String::from(path), |flow| route::with_flow(path, flow));
    let register = can_register.then(|| page(route::REGISTER));
    let action = page(route::SIGN_IN);
    let email = form.value("email");
    let known = !email.is_empty();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=action class="grid gap-5">
                    <Field
                        name="email"
                        label=text.email()
                        kind="email"
                        value=email
                        error=form.error("email", text)
                        autocomplete="username webauthn"
                        inputmode="email"
                        maxlength=254
                        required=true
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
                {register.map(|href| view! {
                    <p class="text-center text-muted">
                        {text.no_account_yet()} " " <a href=href>{text.create_account()}</a>
                    </p>
                })}
            </div>
        </Hosted>
    }
}
