//! Making an account.

use domain::route;
use leptos::prelude::*;

use super::password::PasswordField;
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary, Field},
};

/// The form for a new account, for an application's `flow`.
#[component]
pub fn RegisterPage(visit: Visit, product: Product, flow: String, form: FormState) -> impl IntoView {
    let text = visit.text();
    let title = text.create_account_for(&product.name);
    let sign_in = route::with_flow(route::SIGN_IN, &flow);
    let terms = product.clone();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=route::with_flow(route::REGISTER, &flow) class="grid gap-5">
                    <AccountFields text form/>
                    <Terms text product=terms/>
                    <Button class="w-full">{text.create_account()}</Button>
                </form>
                <p class="text-center text-muted">
                    {text.already_have_account()} " " <a href=sign_in>{text.sign_in()}</a>
                </p>
            </div>
        </Hosted>
    }
}

/// Name, address and password of a new account.
#[component]
pub(super) fn AccountFields(text: Text, form: FormState) -> impl IntoView {
    view! {
        <Field
            name="name"
            label=text.name()
            value=form.value("name")
            error=form.error("name", text)
            autocomplete="name"
            maxlength=100
            autofocus=form.is_fine()
            aside=move || view! { <span class="text-sm text-muted">{text.optional()}</span> }
        />
        <Field
            name="email"
            label=text.email()
            kind="email"
            value=form.value("email")
            error=form.error("email", text)
            autocomplete="username"
            inputmode="email"
            maxlength=254
            required=true
        />
        <PasswordField
            text
            autocomplete="new-password"
            hint=Some(text.password_hint())
            error=form.error("password", text)
        />
    }
}

/// The sentence about terms and privacy, where the product has them.
#[component]
fn Terms(text: Text, product: Product) -> impl IntoView {
    let link = |url: Option<domain::theme::WebUrl>, label: String| {
        url.map(|url| view! { <a href=url.as_str().to_owned()>{label}</a> })
    };
    let terms = link(product.theme.terms_url, text.terms());
    let privacy = link(product.theme.privacy_url, text.privacy());
    let both = terms.is_some() && privacy.is_some();
    (terms.is_some() || privacy.is_some()).then(|| {
        view! {
            <p class="text-sm text-muted">
                {text.by_creating()} " " {terms} {both.then(|| format!(" {} ", text.and()))} {privacy} "."
            </p>
        }
    })
}
